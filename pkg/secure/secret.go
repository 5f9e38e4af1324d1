package secure

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Secret is a password, or the file that holds it. Nothing prints it: not %v, not JSON, not an error. The zero value is
// none.
type Secret struct{ path, value string }

// File is the secret that a file holds, without the line break at its end. The file is read again whenever the secret
// is asked for, so that a new one needs no restart.
func File(path string) Secret { return Secret{path: path} }

// Value is the secret itself.
func Value(text string) Secret { return Secret{value: text} }

// Set says whether there is one.
func (s Secret) Set() bool { return s != Secret{} }

// Equal is for tests that compare settings.
func (s Secret) Equal(o Secret) bool { return s == o }

// secretMost bounds what is taken for a password: more is another file.
const secretMost = 4096

// Read gives the secret as it is now.
func (s Secret) Read() (string, error) {
	if s.path == "" {
		return s.value, nil
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return "", fmt.Errorf("reading a password: %w", err)
	}
	text := strings.TrimRight(string(b), "\r\n")
	switch {
	case text == "":
		return "", fmt.Errorf("reading a password: %s is empty: write the password into it", s.path)
	case len(text) > secretMost || strings.ContainsAny(text, "\r\n\x00"):
		return "", fmt.Errorf("reading a password: %s isn't one line of text: is it the right file?", s.path)
	}
	return text, nil
}

// String names where the secret is, never what it is.
func (s Secret) String() string {
	switch {
	case s.path != "":
		return "the password in " + s.path
	case s.value != "":
		return "a password"
	}
	return "no password"
}

// Format is String for every verb: %#v and %x would show the fields.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// MarshalText refuses: a secret is not for files and messages.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a password isn't written anywhere")
}

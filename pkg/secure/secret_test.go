package secure_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tierstream/tierstream/pkg/secure"
)

// No way of printing shows it, whatever it stands in.
func TestSecretIsNotPrinted(t *testing.T) {
	l := secure.Login{User: "u", Password: secure.Value("hunter2")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, x := range []any{l.Password, &l.Password, l, &l, []secure.Login{l}, map[string]secure.Login{"k": l}} {
			if text := fmt.Sprintf(verb, x); strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), "68756e74657232") {
				t.Errorf("%s of %T shows it: %s", verb, x, text)
			}
		}
	}
	if b, err := json.Marshal(l); err == nil {
		t.Errorf("JSON takes it: %s", b)
	}
}

func TestSecretOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	s := secure.File(path)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("without the file: %v", err)
	}
	for text, want := range map[string]string{"one": "one", "two\n": "two", "three\r\n": "three", " with spaces ": " with spaces "} {
		write(text)
		if got, err := s.Read(); err != nil || got != want {
			t.Errorf("%q: %q, %v: want it as the file has it now", text, got, err)
		}
	}
	for _, text := range []string{"", "\n", "hunter2\nhunter2\n", "hunter2\x00", strings.Repeat("hunter2", 1000)} {
		write(text)
		if _, err := s.Read(); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%.20q: %v, want an error with the path alone", text, err)
		}
	}
}

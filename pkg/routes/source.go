package routes

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Set says whether there is a source at all.
func (s Source) Set() bool { return s != Source{} }

// String names the source, never what is in it.
func (s Source) String() string {
	switch {
	case s.File != "":
		return "file " + s.File
	case s.Env != "":
		return "environment variable " + s.Env
	case s.Value != "":
		return "the routing file"
	}
	return "nowhere"
}

// Read gives the value without space around it. Its error names the source and never the value.
func (s Source) Read(getenv func(string) string) (string, error) {
	text := s.Value
	switch {
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("reading what the routing file refers to: %w", err)
		}
		text = string(b)
	case s.Env != "":
		text = getenv(s.Env)
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", fmt.Errorf("%s: %w", s, errEmpty)
	}
	return text, nil
}

var errEmpty = errors.New("is empty or not set: put the value there")

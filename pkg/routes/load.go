package routes

import (
	"errors"
	"fmt"
	"os"
)

// Load reads a routing file from disk. Its error is one line; all mistakes are what `tierctl routes lint` shows.
func Load(path string) (*File, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the routing file: %w", err)
	}
	f, err := Parse(path, src)
	var problems Problems
	if errors.As(err, &problems) {
		return nil, fmt.Errorf("the routing file %s has %d mistake(s), the first in line %d: see all with tierctl routes lint %s", path, len(problems), problems[0].Line, path)
	}
	return f, err
}

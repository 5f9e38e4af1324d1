package process

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/rs/zerolog"
)

// Logger writes JSON lines. Customer data is never logged: ids go through Hashed.
func Logger(w io.Writer, service, level string) (zerolog.Logger, error) {
	if err := checkLevel(level); err != nil {
		return zerolog.Logger{}, err
	}
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		return zerolog.Logger{}, fmt.Errorf("--log-level: %w", err)
	}
	return zerolog.New(w).Level(l).With().Timestamp().Str("service", service).Logger(), nil
}

func checkLevel(level string) error {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, level) {
		return fmt.Errorf("--log-level %q is not known: use debug, info, warn or error", level)
	}
	return nil
}

// Hashed stands for a customer id in a log: the same for the same id, and no way back.
func Hashed(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:6])
}

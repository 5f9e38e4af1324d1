// Package webhook sends notices as Standard Webhooks (https://www.standardwebhooks.com): the record as JSON, signed, under
// an id that is the same over all attempts.
package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Sizes of a secret, in bytes: those that the spec allows, and that of a new one.
const (
	secretLeast = 24
	secretMost  = 64
	secretNew   = 32
	secretStart = "whsec_"
	untilWord   = "until"
)

// Secrets are what an endpoint's deliveries are signed with: one, or several while one is being replaced. They are never
// printed.
type Secrets struct{ signers []*standardwebhooks.Webhook }

// String hides them.
func (Secrets) String() string { return "secrets" }

// GoString hides them too.
func (Secrets) GoString() string { return "secrets" }

// line is one line of a secret file.
type line struct {
	secret string
	until  time.Time // zero: for good
}

// ParseSecrets reads the text of a secret file: one secret a line, as whsec_ and base64, the newest first; one that is
// going out has "until" and an instant behind it, and no longer signs from then on. Lines with # are comments. An error
// says which line, and nothing of what is in it.
func ParseSecrets(text string, now time.Time) (Secrets, error) {
	var s Secrets
	lines, err := parseLines(text)
	if err != nil {
		return s, err
	}
	for _, l := range lines {
		if !l.until.IsZero() && !now.Before(l.until) {
			continue
		}
		signer, err := standardwebhooks.NewWebhook(l.secret)
		if err != nil {
			return s, errSecret
		}
		s.signers = append(s.signers, signer)
	}
	if len(s.signers) == 0 {
		return s, errors.New("no secret is in force: put one there, as whsec_ and 24 to 64 bytes in base64")
	}
	return s, nil
}

var errSecret = errors.New("is no secret: write whsec_ and 24 to 64 bytes in base64, and after one that is going out: until 2026-01-31T00:00:00Z")

func parseLines(text string) (out []line, err error) {
	for i, raw := range strings.Split(text, "\n") {
		fields := strings.Fields(raw)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		l := line{secret: fields[0]}
		key, isSecret := strings.CutPrefix(l.secret, secretStart)
		b, err := base64.StdEncoding.DecodeString(key)
		good := isSecret && err == nil && len(b) >= secretLeast && len(b) <= secretMost
		if len(fields) == 3 && fields[1] == untilWord {
			l.until, err = time.Parse(time.RFC3339, fields[2])
			good = good && err == nil
		} else {
			good = good && len(fields) == 1
		}
		if !good {
			return nil, fmt.Errorf("line %d %w", i+1, errSecret)
		}
		out = append(out, l)
	}
	return out, nil
}

// Sign gives the header webhook-signature: one signature per secret.
func (s Secrets) Sign(id string, at time.Time, body []byte) (string, error) {
	var all []string
	for _, signer := range s.signers {
		signature, err := signer.Sign(id, at, body)
		if err != nil {
			return "", fmt.Errorf("signing: %w", err)
		}
		all = append(all, signature)
	}
	return strings.Join(all, " "), nil
}

// Rotate gives the text of a secret file with a new secret at its top. What was in force for good is so until the overlap
// ends; what had an end keeps it, and goes when that has passed.
func Rotate(text string, now time.Time, overlap time.Duration) (string, error) {
	lines, err := parseLines(text)
	if err != nil {
		return "", err
	}
	b := make([]byte, secretNew)
	_, _ = rand.Read(b) // never fails, as its documentation says
	out := secretStart + base64.StdEncoding.EncodeToString(b) + "\n"
	for _, l := range lines {
		if end := now.Add(overlap).UTC().Truncate(time.Second); l.until.IsZero() || end.Before(l.until) {
			l.until = end
		}
		if now.Before(l.until) {
			out += fmt.Sprintf("%s %s %s\n", l.secret, untilWord, l.until.Format(time.RFC3339))
		}
	}
	return out, nil
}

package webhook_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tierstream/tierstream/pkg/webhook"
)

const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// verifies says whether a receiver that knows one secret takes what was signed.
func verifies(t *testing.T, secret, signature string, at time.Time, body string) bool {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set(standardwebhooks.HeaderWebhookID, "msg_1")
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return w.VerifyIgnoringTimestamp([]byte(body), h) == nil
}

func sign(t *testing.T, text string, at time.Time) string {
	t.Helper()
	s, err := webhook.ParseSecrets(text, at)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := s.Sign("msg_1", at, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// The story of a rotation: both secrets verify until the overlap ends, then the new one alone.
func TestRotation(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	text, err := webhook.Rotate("# the CRM's\n"+secretA+"\n", now, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(text, "\n")
	if !strings.Contains(text, secretA+" until 2026-01-11T12:00:00Z") || first == secretA || !strings.HasPrefix(first, "whsec_") {
		t.Fatalf("the file is %d lines, and not as it should be", strings.Count(text, "\n"))
	}
	for after, old := range map[time.Duration]bool{0: true, 23 * time.Hour: true, 24 * time.Hour: false, 1000 * time.Hour: false} {
		signature := sign(t, text, now.Add(after))
		if is := verifies(t, secretA, signature, now.Add(after), "{}"); is != old {
			t.Errorf("after %v the old secret verifies: %v, want %v", after, is, old)
		}
		if !verifies(t, first, signature, now.Add(after), "{}") || verifies(t, secretB, signature, now.Add(after), "{}") || verifies(t, first, signature, now, "{ }") {
			t.Errorf("after %v: the new secret alone must verify, and what was signed alone", after)
		}
	}
	again, err := webhook.Rotate(text, now.Add(time.Hour), 24*time.Hour)
	if err != nil || strings.Count(again, "\n") != 3 || !strings.Contains(again, secretA+" until 2026-01-11T12:00:00Z") {
		t.Errorf("rotated again at once: %d lines, %v: the oldest must keep its end", strings.Count(again, "\n"), err)
	}
	late, err := webhook.Rotate(again, now.Add(48*time.Hour), time.Hour)
	if err != nil || strings.Contains(late, secretA) || strings.Contains(late, first) {
		t.Errorf("what has ended must go: %d lines, %v", strings.Count(late, "\n"), err)
	}
	second, err := webhook.Rotate("", now, 0)
	if err != nil || second == again || strings.Count(second, "\n") != 1 {
		t.Errorf("from an empty file: %v", err)
	}
}

// What is wrong with a secret is told by line, and the secret is not.
func TestBadSecrets(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	for what, text := range map[string]string{
		"empty":         "",
		"comment":       "# nothing",
		"no prefix":     strings.TrimPrefix(secretA, "whsec_"),
		"no base64":     "whsec_!!SECRETPART!!",
		"short":         "whsec_U0VDUkVUUEFSVA==",
		"long":          "whsec_" + strings.Repeat("QUFB", 30),
		"ended":         secretA + " until 2026-01-10T12:00:00Z",
		"no instant":    secretA + " until tomorrow",
		"something":     secretA + " SECRETPART",
		"the second":    secretA + "\nSECRETPART",
		"other keyword": secretA + " expires 2026-01-11T12:00:00Z",
	} {
		_, err := webhook.ParseSecrets(text, now)
		if err == nil || !strings.Contains(err.Error(), "whsec_ and 24 to 64 bytes") {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRETPART") || strings.Contains(err.Error(), secretA[6:]) || strings.Contains(err.Error(), "U0VDUk")) {
			t.Errorf("%s: the error gives the secret away", what)
		}
	}
	s, err := webhook.ParseSecrets(secretA, now)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); text != "secrets secrets secrets secrets" {
		t.Errorf("printed: %d characters, want the word", len(text))
	}
}

// The spec's own example.
func TestSpecExample(t *testing.T) {
	s, err := webhook.ParseSecrets(secretA, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %s %v", got, err)
	}
}

package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/notice"
)

// idChars is how many characters of a hash make an id: 130 bits.
const idChars = 26

// ID is a delivery's webhook-id: it stands for a topic (with the deployment's prefix), a customer and a seq, and gives none of
// them away. Customer ids may hold what no header can.
func ID(topic, customer string, seq int64) string {
	sum := sha256.Sum256([]byte(topic + "\x00" + customer + "\x00" + strconv.FormatInt(seq, 10)))
	return "msg_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:idChars])
}

// Body is what a webhook receives of a notice: the same bytes at every attempt.
func Body(n notice.Notice) ([]byte, error) { return body(string(n.Type), n.DecidedAt, n.JSON) }

// TestType is the type of what TestBody makes.
const TestType = "webhook.test"

// TestBody is what an endpoint gets to try whether it can be reached, and whether its receiver can verify.
func TestBody(at civil.Instant) ([]byte, error) {
	return body(TestType, at, []byte(`{"text":"a test by tierctl webhook test: nothing has happened"}`))
}

func body(kind string, at civil.Instant, data []byte) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Type      string          `json:"type"`
		Timestamp string          `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{kind, at.String(), data})
	if err != nil {
		return nil, fmt.Errorf("writing the body of a webhook: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

package codec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
)

// The headers that a dead letter has beside those that it came with.
const (
	HeaderReason    = "ts_reason"    // the Code
	HeaderDetail    = "ts_detail"    // what was wrong, one line
	HeaderTopic     = "ts_topic"     // where it came in
	HeaderPartition = "ts_partition" // decimal
	HeaderOffset    = "ts_offset"    // decimal
	HeaderService   = "ts_service"   // who rejected it
	HeaderCurrency  = "ts_currency"  // of NO_RATE: the one that has none
	HeaderSHA256    = "ts_sha256"    // of the whole, in hex, where only its start is kept
)

// The headers of a record that was put back from dead-letters, beside those that it first came with. One that is
// rejected again keeps them, so that its dead letter names the former.
const (
	HeaderRetry       = "ts_retry"        // the dead letter: its partition and offset, as 3-41
	HeaderRetryOffset = "ts_retry_offset" // which offset of this very partition it is again, decimal
)

// maxKept is how many bytes a dead letter keeps of a message that is too large.
const maxKept = 64 << 10

// DeadLetter is the record that keeps a rejected input: its bytes and headers as they came, and why it is here.
// Headers that a former dead letter added are replaced, so that sending one again doesn't pile them up.
func DeadLetter(in Input, r Reject, service string, partition int, offset int64) (value []byte, headers []Header) {
	own := []Header{
		{HeaderReason, []byte(r.Code)}, {HeaderDetail, []byte(r.Detail)}, {HeaderTopic, []byte(in.Topic)},
		{HeaderPartition, strconv.AppendInt(nil, int64(partition), 10)},
		{HeaderOffset, strconv.AppendInt(nil, offset, 10)}, {HeaderService, []byte(service)},
	}
	if r.Currency != "" {
		own = append(own, Header{HeaderCurrency, []byte(r.Currency)})
	}
	value = in.Value
	if r.Code == TooLarge {
		sum := sha256.Sum256(value)
		own = append(own, Header{HeaderSHA256, []byte(hex.EncodeToString(sum[:]))})
		value = value[:min(len(value), maxKept)]
	}
	for _, h := range in.Headers {
		if !isDeadLetterHeader(h.Key) {
			headers = append(headers, h)
		}
	}
	return value, append(headers, own...)
}

// FirstHeaders are the headers that a dead letter first came in with.
func FirstHeaders(headers []Header) (first []Header) {
	for _, h := range headers {
		if !isDeadLetterHeader(h.Key) && h.Key != HeaderRetry && h.Key != HeaderRetryOffset {
			first = append(first, h)
		}
	}
	return first
}

func isDeadLetterHeader(key string) bool {
	return slices.Contains([]string{
		HeaderReason, HeaderDetail, HeaderTopic, HeaderPartition, HeaderOffset, HeaderService, HeaderCurrency, HeaderSHA256,
	}, key)
}

// DeadLetterValue is what dead-letters.jsonl shows of a rejected line or message: the member "value" of an event
// line, else the JSON itself, both without white space between, else the text as a JSON text. Bytes that are no
// UTF-8 become U+FFFD, so that the file is always JSON.
func DeadLetterValue(raw []byte) json.RawMessage {
	text := bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	if !json.Valid(text) {
		quoted, _ := json.Marshal(string(text)) // a string always has a JSON form
		return quoted
	}
	if c := (cursor{text: text}); c.peek() == '{' {
		if m := membersOf(text); m["topic"] != nil && m["value"] != nil {
			text = m["value"]
		}
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return json.RawMessage("null") // unreachable: text is valid
	}
	return out.Bytes()
}

package sender_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/notice"
	"github.com/tierstream/tierstream/pkg/routes"
)

func mailKit(t *testing.T, direct bool) (kit, *sink, routes.Endpoint) {
	t.Helper()
	certificate := httptest.NewTLSServer(nil)
	t.Cleanup(certificate.Close)
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Certificate())
	s, k := newSink(t, certificate, direct), newKit(t, nil, roots)
	scheme := "smtp://"
	if direct {
		scheme = "smtps://"
	}
	k.env["URL"] = scheme + s.address
	return k, s, routes.Endpoint{Name: "mail", Kind: routes.SMTP, URL: routes.Source{Env: "URL"}, Secret: routes.Source{Env: "SECRET"}, Locale: routes.Chinese,
		Timeout: 5 * time.Second, Username: "tierstream", From: "Tierstream <tierstream@example.com>", To: []string{"李伟 <li.wei@example.com>"}, Link: "https://crm.example/{customer_id}"}
}

// The letter comes over TLS, with the password only there, readable by any mail program.
func TestMail(t *testing.T) {
	for _, direct := range []bool{false, true} {
		k, s, e := mailKit(t, direct)
		if err := k.Send(context.Background(), e, fallen()); err != nil {
			t.Fatal(err)
		}
		commands, data := s.got()
		plain := base64.StdEncoding.EncodeToString([]byte("\x00tierstream\x00" + signKey))
		for _, want := range []string{"tls AUTH PLAIN " + plain, "tls MAIL FROM:<tierstream@example.com>", "tls RCPT TO:<li.wei@example.com>"} {
			if !strings.Contains("\n"+commands, "\n"+want) {
				t.Errorf("direct %v: no %q in\n%s", direct, want, commands)
			}
		}
		for i := range len(data) {
			if data[i] > 0x7e {
				t.Fatalf("the letter isn't ASCII: %q", data)
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != "⬇ <!channel> 张三&贸易 (C0000260): 银牌 → 标准" {
			t.Errorf("%q, %v", subject, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		want := "原因: 近 365 天净销售额为 6,057.82 元,低于保持 银牌 所需的 8,000.00 元(还差 1,942.18 元)。\r\n建议: 与客户沟通:满足以下条件即可恢复等级。\r\n" +
			"客户: <!channel> 张三&贸易 (C0000260)\r\n时间: 2026-03-01 02:49 (UTC)\r\n查看客户: https://crm.example/C0000260\r\n"
		if err != nil || strings.TrimRight(string(body), "\r\n") != strings.TrimRight(want, "\r\n") {
			t.Errorf("%q, %v", body, err)
		}
		if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Date") != "Sun, 01 Mar 2026 02:49:00 +0000" ||
			m.Header.Get("Content-Type") != "text/plain; charset=UTF-8" || m.Header.Get("From") != `"Tierstream" <tierstream@example.com>` {
			t.Errorf("%v", m.Header)
		}
	}
}

// Every attempt at a notice has the same Message-ID; another notice or recipient has another.
func TestMessageID(t *testing.T) {
	k, s, e := mailKit(t, true)
	id := func(e routes.Endpoint, n notice.Notice) string {
		if err := k.Send(context.Background(), e, n); err != nil {
			t.Fatal(err)
		}
		_, data := s.got()
		m, err := mail.ReadMessage(strings.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header.Get("Message-ID")
	}
	other, own := fallen(), e
	other.ID, own.Name = "tier-changes/C0000260/8", "mail/li.wei"
	first := id(e, fallen())
	if first != id(e, fallen()) || first == id(e, other) || first == id(own, fallen()) || !strings.HasSuffix(first, "@example.com>") {
		t.Error(first)
	}
}

// A customer's name can't add a header or a recipient.
func TestMailIsNotInjected(t *testing.T) {
	k, s, e := mailKit(t, true)
	n := fallen()
	n.CustomerName = "x\r\nBcc: thief@example.com\r\n\r\nhello\r\n.\r\nRCPT TO:<thief@example.com>"
	if err := k.Send(context.Background(), e, n); err != nil {
		t.Fatal(err)
	}
	commands, data := s.got()
	m, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil || m.Header.Get("Bcc") != "" || strings.Count(commands, "RCPT") != 1 {
		t.Errorf("%v\n%s\n%s", err, commands, data)
	}
}

// What a server says, and what it means.
func TestMailRefused(t *testing.T) {
	for _, c := range []struct {
		verb, reply string
		permanent   bool
		says        string
	}{
		{"RCPT", "550 5.1.1 no such user", true, `550 "5.1.1 no such user"`},
		{"MAIL", "553 sender not allowed", true, "553"},
		{"DATA", "554 5.7.1 looks like spam, key " + signKey, true, "key ***"},
		{"RCPT", "451 4.7.1 greylisted", false, "greylisted"},
		{"MAIL", "530 5.7.0 authentication required", false, "530"},
		{"AUTH", "535 5.7.8 wrong password", false, "535"},
		{"EHLO", "421 4.3.2 closing", false, "421"},
	} {
		k, s, e := mailKit(t, true)
		s.replies[c.verb], s.replies["HELO"] = c.reply, s.replies["EHLO"]
		if c.verb == "EHLO" {
			s.replies["HELO"] = c.reply
		}
		f := failure(t, k.Send(context.Background(), e, fallen()))
		if f.Permanent != c.permanent || f.Gone || !strings.Contains(f.What, c.says) {
			t.Errorf("%s %s: %+v", c.verb, c.reply, f)
		}
	}
}

// A letter that the server has taken is sent, however it says good-bye.
func TestMailTakenThenLost(t *testing.T) {
	k, s, e := mailKit(t, true)
	s.replies["QUIT"] = "421 gone"
	if err := k.Send(context.Background(), e, fallen()); err != nil {
		t.Error(err)
	}
}

// Neither the letter nor the password goes out in the open, unless that is allowed; the password not even then.
func TestMailWithoutTLS(t *testing.T) {
	k, s, e := mailKit(t, false)
	s.offers = []string{"AUTH PLAIN"}
	f := failure(t, k.Send(context.Background(), e, fallen()))
	if commands, _ := s.got(); f.Permanent || strings.Contains(commands, "AUTH") || strings.Contains(commands, "MAIL") {
		t.Errorf("%+v\n%s", f, commands)
	}
	e.AllowHTTP = true
	f = failure(t, k.Send(context.Background(), e, fallen()))
	if commands, _ := s.got(); f.Permanent || strings.Contains(commands, "AUTH") || strings.Contains(commands, "MAIL") {
		t.Errorf("%+v\n%s", f, commands)
	}
	e.Username, e.Secret, e.AllowHTTP = "", routes.Source{}, false
	f = failure(t, k.Send(context.Background(), e, fallen()))
	if commands, _ := s.got(); f.Permanent || strings.Contains(commands, "MAIL") {
		t.Errorf("%+v\n%s", f, commands)
	}
	e.AllowHTTP = true
	if err := k.Send(context.Background(), e, fallen()); err != nil {
		t.Error(err)
	}
	if commands, data := s.got(); !strings.Contains(commands, "\nMAIL") || data == "" {
		t.Error(commands)
	}
}

// A certificate that isn't the server's, and a server that never answers.
func TestMailServerIsNotTrustedBlindly(t *testing.T) {
	k, s, e := mailKit(t, false)
	stranger := newKit(t, nil, x509.NewCertPool())
	stranger.env["URL"] = k.env["URL"]
	f := failure(t, stranger.Send(context.Background(), e, fallen()))
	if commands, _ := s.got(); f.Permanent || !strings.Contains(f.What, "certificate") || strings.Contains(commands, "AUTH") {
		t.Errorf("%+v\n%s", f, commands)
	}
	s.hang, s.hung, e.Timeout = "DATA", make(chan struct{}, 1), 300*time.Millisecond
	f = failure(t, k.Send(context.Background(), e, fallen()))
	if f.Permanent || !errors.Is(f, context.DeadlineExceeded) {
		t.Errorf("%+v", f)
	}
	<-s.hung
	e.Timeout = time.Hour
	ctx, stop := context.WithCancel(context.Background())
	go func() { <-s.hung; stop() }()
	if f = failure(t, k.Send(ctx, e, fallen())); f.Permanent || !errors.Is(f, context.Canceled) {
		t.Errorf("%+v", f)
	}
}

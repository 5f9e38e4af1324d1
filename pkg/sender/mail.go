package sender

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/tierstream/tierstream/pkg/message"
	"github.com/tierstream/tierstream/pkg/notice"
)

// mail makes one attempt to hand a message to a mail server. What the server has taken is sent, however the session ends.
func (s *Sender) mail(ctx context.Context, a attempt, server *url.URL, password string, n notice.Notice, m message.Message) error {
	msg, err := letter(a, n, m, s.c.Now())
	if err != nil {
		return a.dead(err.Error())
	}
	client, err := s.mailClient(ctx, a, server, password)
	if err != nil {
		return a.later(err.Error(), nil)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil { // the server is away, has no TLS, or refuses the password: a person can mend that
		return a.later("connecting to the mail server: "+bare(err), errors.Join(err, ctx.Err()))
	}
	defer func() { _ = client.CloseWithSMTPClient(session) }()
	if err := client.SendWithSMTPClient(session, msg); err != nil {
		return refused(ctx, a, err)
	}
	return nil
}

// refused judges what a mail server says to a letter: 5xx is for good, but for what is about the sender's rights.
func refused(ctx context.Context, a attempt, err error) *Failure {
	var said *mail.SendError
	code := 0
	if errors.As(err, &said) {
		code = said.ErrorCode()
	}
	var protocol *textproto.Error
	if code == 0 && errors.As(err, &protocol) {
		code = protocol.Code
	}
	reason, _, _ := strings.Cut(bare(err), ", affected ") // what follows is the library's list of recipients and ids
	what := "the mail server does not take the letter: " + reason
	switch code {
	case 530, 535, 538:
		return a.later(what, nil)
	}
	if code/100 == 5 {
		return a.dead(what)
	}
	return a.later(what, errors.Join(err, ctx.Err()))
}

// mailClient speaks STARTTLS to smtp:// and TLS to smtps://; neither only where the endpoint allows it.
func (s *Sender) mailClient(ctx context.Context, a attempt, server *url.URL, password string) (*mail.Client, error) {
	direct := server.Scheme == "smtps"
	port, standard := 0, "587"
	if direct {
		standard = "465"
	}
	if p := server.Port(); p != "" {
		standard = p
	}
	port, err := strconv.Atoi(standard)
	if err != nil {
		return nil, fmt.Errorf("the mail server's port is no number: %w", err)
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.c.TLS != nil {
		settings = s.c.TLS.Clone()
	}
	settings.ServerName = server.Hostname()
	policy := mail.TLSMandatory
	switch {
	case direct:
		policy = mail.NoTLS // the connection itself is TLS
	case a.e.AllowHTTP:
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTLSConfig(settings), mail.WithTLSPolicy(policy),
		mail.WithTimeout(a.e.Timeout + afterAttempt), mail.WithDialContextFunc(s.dial(ctx, direct, settings))}
	if a.e.Username != "" {
		options = append(options, authentication(direct), mail.WithUsername(a.e.Username), mail.WithPassword(password))
	}
	return mail.NewClient(server.Hostname(), options...)
}

// afterAttempt keeps the session's own deadline behind that of the attempt, which ends the connection: else either may come first, and
// a server that never answers is told of as a broken connection.
const afterAttempt = 10 * time.Second

// authentication takes the best that the server offers, and a password only over TLS. The library finds that out for itself
// but where it was handed a connection that is TLS already; that one is asked for the same in its own order.
func authentication(direct bool) mail.Option {
	if direct {
		return mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
	}
	return mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover)
}

// dial connects through the egress filter; the connection ends with the attempt, whatever the session waits for.
func (s *Sender) dial(attempt context.Context, direct bool, settings *tls.Config) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := s.c.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(attempt, func() { _ = conn.Close() })
		if !direct {
			return conn, nil
		}
		secure := tls.Client(conn, settings)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}

// letter is a message as a mail. Its Message-ID is the same for every attempt, so that mail systems can drop a second copy.
func letter(a attempt, n notice.Notice, m message.Message, now time.Time) (*mail.Msg, error) {
	from, err := netmail.ParseAddress(a.e.From)
	if err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	out := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := out.From(a.e.From); err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	if err := out.To(a.e.To...); err != nil {
		return nil, fmt.Errorf("a recipient's address: %w", err)
	}
	out.Subject(m.Title)
	out.SetDateWithValue(now)
	sum := sha256.Sum256([]byte(n.Topic + "\x00" + n.ID + "\x00" + a.e.Name))
	_, domain, _ := strings.Cut(from.Address, "@")
	out.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + domain)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	lines := body(m)
	if m.Link.URL != "" {
		lines = append(lines, m.Link.Text+": "+m.Link.URL)
	}
	out.SetBodyString(mail.TypeTextPlain, strings.Join(lines, "\n")+"\n")
	return out, nil
}

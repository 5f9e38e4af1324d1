package sender

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/tierstream/tierstream/pkg/routes"
)

// Failure is why an attempt failed, and what that means for the next one.
type Failure struct {
	// What is one line: what was being done, with which endpoint, what is wrong, what to do. It holds no URL, no secret
	// and no data of the customer.
	What string
	// Permanent: trying again can't help this notice; it is dead at once. Otherwise it may be tried again later.
	Permanent bool
	// Gone: the endpoint is no longer there for anybody (a bot that was removed): set it aside. Never with Permanent.
	Gone bool
	// RetryAfter is the least time to wait before the next attempt at this endpoint, where the server said so or its limit
	// is known; 0: it isn't.
	RetryAfter time.Duration
	cause      error
	coded      bool // the chat's own code says so
}

// Error is What.
func (f *Failure) Error() string { return f.What }

// Unwrap is context.DeadlineExceeded or context.Canceled, where that is the cause.
func (f *Failure) Unwrap() error { return f.cause }

// attempt is what the failures of one attempt have in common.
type attempt struct {
	e    routes.Endpoint
	hide []string // what must not show in an error
}

func (a *attempt) hideAddress(u *url.URL) {
	if a.e.Kind == routes.SMTP {
		return
	}
	a.hide = append(a.hide, u.String(), u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery)
	a.hide = append(a.hide, strings.Split(u.Path, "/")...)
	for _, values := range u.Query() {
		a.hide = append(a.hide, values...)
	}
}

// later is a failure that another attempt may mend.
func (a *attempt) later(what string, cause error) *Failure {
	f := &Failure{What: a.say(what)}
	for _, known := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(cause, known) {
			f.cause = known
		}
	}
	return f
}

func (a *attempt) dead(what string) *Failure { return &Failure{What: a.say(what), Permanent: true} }

func (a *attempt) gone(what string) *Failure { return &Failure{What: a.say(what), Gone: true} }

func (a *attempt) slower(what string, wait time.Duration) *Failure {
	return &Failure{What: a.say(what), RetryAfter: wait}
}

// maxReason of what a server says, in characters.
const maxReason = 200

// say is one line without what must be hidden. Short pieces are no secrets, and would take words out of the sentence.
func (a *attempt) say(what string) string {
	const shortest = 4
	for _, hidden := range a.hide {
		if len(hidden) >= shortest {
			what = strings.ReplaceAll(what, hidden, "***")
		}
	}
	what = strings.Join(strings.Fields(strings.ToValidUTF8(what, "")), " ")
	if runes := []rune(what); len(runes) > maxReason {
		what = string(runes[:maxReason]) + "…"
	}
	return "telling endpoint " + a.e.Name + " (" + string(a.e.Kind) + "): " + what
}

// bare is an error of net/http without the URL that it repeats.
func bare(err error) string {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return "no answer within the timeout"
	}
	return err.Error()
}

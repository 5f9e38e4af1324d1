package redisstate_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/tierstream/tierstream/pkg/processor"
	"github.com/tierstream/tierstream/pkg/processor/porttest"
	"github.com/tierstream/tierstream/pkg/redisstate"
	"github.com/tierstream/tierstream/pkg/secure"
	"github.com/tierstream/tierstream/pkg/secure/securetest"
)

// guard is a Redis that asks for TLS and for user u with password p's.
func guard(t *testing.T) (*miniredis.Miniredis, redisstate.Config) {
	t.Helper()
	server, cfg, _ := guardTLS(t)
	return server, cfg
}

func guardTLS(t *testing.T) (*miniredis.Miniredis, redisstate.Config, *tls.Config) {
	t.Helper()
	ca := securetest.New(t)
	certs := ca.Server()
	server, err := miniredis.RunTLS(certs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.RequireUserAuth("u", "p's")
	return server, redisstate.Config{
		URL: "rediss://" + server.Addr(), TLS: secure.TLS{CAFile: ca.File}, Login: secure.Login{User: "u", Password: secure.Value("p's")},
	}, certs
}

func TestConformanceSecured(t *testing.T) {
	porttest.State(t, func(t *testing.T) processor.State {
		_, cfg := guard(t)
		return open(t, cfg).Slot("test.", "scorer", 3)
	})
}

// Each form of the URL, with and without the settings beside it, reaches the server that it names.
func TestURLs(t *testing.T) {
	server, cfg := guard(t)
	host := server.Addr()
	for url, login := range map[string]secure.Login{
		"rediss://" + host:                         cfg.Login,
		"rediss://" + host + "/0":                  cfg.Login,
		"rediss://" + host + "?cluster=true":       cfg.Login,
		"rediss://u:p%27s@" + host:                 {},
		"rediss://u@" + host:                       {Password: cfg.Login.Password},
		"rediss://" + host + "," + host:            cfg.Login,
		"rediss://u:p%27s@" + host + "," + host:    {},
		"rediss://ignored@" + host + "/0?cluster=": cfg.Login,
	} {
		cfg.URL, cfg.Login = url, login
		open(t, cfg)
	}
}

// Who may not get in is told what to correct, in one line that shows no password.
func TestGettingIn(t *testing.T) {
	server, good := guard(t)
	open1 := func(change func(*redisstate.Config)) error {
		cfg := good
		change(&cfg)
		s, err := redisstate.Open(t.Context(), cfg)
		if err == nil {
			_ = s.Close()
		}
		return err
	}
	open2, err := miniredis.Run()
	if err != nil {
		t.Fatal(err)
	}
	defer open2.Close()
	for says, change := range map[string]func(*redisstate.Config){
		"Redis refuses user u":                  func(c *redisstate.Config) { c.Login.Password = secure.Value("hunter2") },
		"Redis refuses user nobody":             func(c *redisstate.Config) { c.Login = secure.Login{User: "nobody", Password: secure.Value("hunter2")} },
		"set --redis-user":                      func(c *redisstate.Config) { c.Login = secure.Login{} },
		"/nowhere/password":                     func(c *redisstate.Config) { c.Login.Password = secure.File("/nowhere/password") },
		"set --redis rediss://":                 func(c *redisstate.Config) { c.URL = "redis://" + server.Addr() },
		"--redis redis:// without the second s": func(c *redisstate.Config) { c.URL = "rediss://" + open2.Addr() },
		"isn't signed by one of the system's":   func(c *redisstate.Config) { c.TLS = secure.TLS{} },
		"is it running, and is --redis right?":  func(c *redisstate.Config) { c.URL = "rediss://127.0.0.1:1" },
	} {
		err := open1(change)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want one line with %q", err, says)
		}
	}
}

// A password that was changed is asked for with the next connection, and taken from the file as it is then.
func TestCorrectedPasswordNeedsNoRestart(t *testing.T) {
	server, cfg, certs := guardTLS(t)
	path := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("p's\n")
	cfg.Login.Password = secure.File(path)
	slot := open(t, cfg).Slot("", "scorer", 0)
	address := server.Addr()
	server.Close() // and with it every connection
	server.RequireUserAuth("u", "new")
	if err := server.StartAddrTLS(address, certs); err != nil {
		t.Fatal(err)
	}
	read := func() error {
		var err error
		for range 3 { // a connection in the pool is found to have ended by the first who uses it
			if _, err = slot.Read(t.Context(), processor.Query{}); err == nil || strings.Contains(err.Error(), "WRONGPASS") {
				break
			}
		}
		return err
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "Redis refuses user u") {
		t.Errorf("with the old password: %v", err)
	}
	write("new\n")
	if err := read(); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}

package tierctl

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// every is each command with all that are below it.
func every(c *cobra.Command) (all []*cobra.Command) {
	all = append(all, c)
	for _, sub := range c.Commands() {
		all = append(all, every(sub)...)
	}
	return all
}

// tree is the commands as they are when one is run: with cobra's own.
func tree() *cobra.Command {
	root := newRoot()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// Each command says in a line what it is for, and shows how it is used: with commands, flags and arguments that there are.
func TestEveryCommandHasHelp(t *testing.T) {
	n := 0
	for _, c := range every(tree()) {
		n++
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its line in help is %q", c.CommandPath(), c.Short)
		}
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.SplitSeq(strings.TrimRight(c.Example, "\n"), "\n") {
			example(t, c, line)
		}
		if c.Parent() != nil && c.Parent().Parent() == nil && c.GroupID == "" {
			t.Errorf("%s is in no group of help", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s has no help", c.CommandPath(), f.Name)
			}
		})
	}
	if n < 20 {
		t.Errorf("%d commands, want all", n)
	}
}

// inShell takes the command out of what a shell does with it.
var inShell = regexp.MustCompile(`^ {2}(?:source <\()?(tierctl(?: [^|>)]+)?)`)

// example is one line of help, held against a root of its own.
func example(t *testing.T, of *cobra.Command, line string) {
	t.Helper()
	m := inShell.FindStringSubmatch(line)
	if m == nil {
		t.Errorf("%s: the example %q isn't indented by two, or no command", of.CommandPath(), line)
		return
	}
	c, rest, err := newRoot().Find(strings.Fields(m[1])[1:])
	if err != nil || c.CommandPath() != of.CommandPath() && !of.HasSubCommands() && !strings.Contains(of.Example, "tierctl "+of.Name()) {
		t.Errorf("%s: the example %q is of %s (%v)", of.CommandPath(), line, c.CommandPath(), err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: the example %q: %v", of.CommandPath(), line, err)
		return
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("%s: the example %q: %v", of.CommandPath(), line, err)
	}
	for _, name := range []string{"policy", "events"} {
		f := c.Flags().Lookup(name)
		if f == nil || !strings.HasPrefix(f.Value.String(), "deploy/") {
			continue
		}
		if _, err := os.Stat(filepath.Join("../..", f.Value.String())); err != nil {
			t.Errorf("%s: the example %q: %v", of.CommandPath(), line, err)
		}
	}
}

// complete is what a shell would offer.
func complete(t *testing.T, args ...string) []string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Main(append([]string{"__complete"}, args...), strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	for i := range lines {
		lines[i], _, _ = strings.Cut(lines[i], "\t")
	}
	return lines
}

const (
	files   = ":0"
	nothing = ":4" // and no files
)

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"do"}, []string{"doctor", nothing}},
		{[]string{"dlq", ""}, []string{"list", "retry", "show", nothing}},
		{[]string{"help", "dlq", ""}, []string{"list", "retry", "show", nothing}},
		{[]string{"explain", "C1", "-o", ""}, []string{"table", "json", "csv", nothing}},
		{[]string{"dlq", "list", "--output", "j"}, []string{"json", nothing}},
		{[]string{"dlq", "retry", "--reason", "BAD_"}, []string{"BAD_ID", "BAD_TIME", "BAD_AMOUNT", "BAD_CURRENCY", nothing}},
		{[]string{"dlq", "list", "--topic", "p"}, []string{"payments", "profiles", nothing}},
		{[]string{"doctor", "--as", "t"}, []string{"tierchange", "tierctl", nothing}},
		{[]string{"init", "--clock", ""}, []string{"wall", "event", nothing}},
		{[]string{"dev", "--log-level", "w"}, []string{"warn", nothing}},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish", "powershell", nothing}},
		{[]string{"send", ""}, []string{files}},
		{[]string{"policy", "lint", ""}, []string{files}},
		{[]string{"init", "--policy", ""}, []string{files}},
		{[]string{"explain", ""}, []string{nothing}},
		{[]string{"wait", "--timeout", ""}, []string{nothing}},
		{[]string{"wait", "--brokers", ""}, []string{nothing}},
	} {
		got := complete(t, c.args...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.args, got, c.want)
		}
	}
}

// What is printed for bash is a script that it takes.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var stdout, stderr bytes.Buffer
		if code := Main([]string{"completion", shell}, strings.NewReader(""), &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "tierctl") {
			t.Errorf("%s: exit %d, %s", shell, code, stderr.String())
		}
		if shell != "bash" {
			continue
		}
		check := exec.CommandContext(t.Context(), "bash", "-n")
		check.Stdin = &stdout
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("bash refuses it: %v %s", err, out)
		}
	}
}

func TestHelpErrors(t *testing.T) {
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{0, []string{"help"}, "Keep it well:"},
		{0, []string{"help", "dlq", "retry"}, "--dry-run"},
		{0, []string{"dlq"}, "retry"},
		{0, nil, "Look at customers:"},
		{2, []string{"help", "frobnicate"}, "there is no command"},
		{2, []string{"help", "dlq", "frobnicate"}, "there is no command"},
		{2, []string{"dlq", "frobnicate"}, `tierctl dlq has no subcommand "frobnicate"`},
		{2, []string{"completion", "cmd"}, "there is no completion"},
		{2, []string{"completion"}, "takes 1 argument(s)"},
	} {
		var stdout, stderr bytes.Buffer
		code := Main(c.args, strings.NewReader(""), &stdout, &stderr)
		if text := stdout.String() + stderr.String(); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%v: exit %d, want %d and %q: %s", c.args, code, c.code, c.says, text)
		}
	}
}

package model

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tierstream/tierstream/pkg/processor/model/mutant"
)

const root = "../../.." // of the module

// TestMutations is the gate: every rule of the protocol, broken on purpose in the product's own lines, must be seen by
// the audits within 300 seeds. All breakages are built once into one program, which is run for each.
func TestMutations(t *testing.T) {
	if os.Getenv("MUTANT") != "" {
		t.Log("this is the broken program itself")
		return
	}
	t.Parallel()
	program := buildBroken(t)
	lines := make([]string, len(mutations))
	var side sync.WaitGroup
	next := make(chan int)
	for range 2 {
		side.Go(func() {
			for i := range next {
				lines[i] = runBroken(t, program, mutations[i])
			}
		})
	}
	for i := range mutations {
		next <- i
	}
	close(next)
	side.Wait()
	t.Log("\n" + strings.Join(lines, "\n"))
}

// TestEveryRuleIsBroken: no rule of the protocol is left without a breakage, and docs/protocol.md names them all.
func TestEveryRuleIsBroken(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root, "docs/protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(string(doc), "\n")
	for _, m := range mutations {
		if !slices.ContainsFunc(rows, func(row string) bool {
			return strings.HasPrefix(row, "| "+m.rule+" |") && strings.Contains(row, "`"+m.name+"`")
		}) {
			t.Errorf("docs/protocol.md doesn't name %s beside rule %s", m.name, m.rule)
		}
	}
	for rule := 1; rule <= 24; rule++ {
		if !slices.ContainsFunc(mutations, func(m mutation) bool { return m.rule == fmt.Sprint(rule) }) {
			t.Errorf("rule %d has no mutation", rule)
		}
	}
}

// runBroken runs the broken program until its audits see the breakage.
func runBroken(t *testing.T, program string, m mutation) string {
	cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestBroken$", "-test.v")
	cmd.Env = append(os.Environ(), "MUTANT="+m.name)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if _, said, ok := strings.Cut(line, "caught: "); ok && err == nil {
			return fmt.Sprintf("%-3s %-14s %-75s %.60s", m.rule, m.name, m.what, strings.TrimSpace(said))
		}
	}
	t.Errorf("rule %s: %s (%s) was not caught: %v\n%.2000s", m.rule, m.name, m.what, err, out)
	return m.rule + " " + m.name + ": SURVIVED"
}

// TestBroken is the broken program: MUTANT names the breakage. In an ordinary build there is none.
func TestBroken(t *testing.T) {
	name := os.Getenv("MUTANT")
	if name == "" {
		return
	}
	mutant.Set(name)
	i := slices.IndexFunc(mutations, func(m mutation) bool { return m.name == name })
	from, n := env("FROM", 1), env("GATE", 300)
	if os.Getenv("COUNT") != "" {
		bad := 0
		for seed := from; seed < from+n; seed++ {
			if broken(uint64(seed), mutations[i].run).nbad > 0 {
				bad++
			}
		}
		t.Logf("caught: by %d of %d", bad, n)
		return
	}
	for seed := from; seed < from+n; seed++ {
		w := broken(uint64(seed), mutations[i].run)
		if w.nbad == 0 {
			continue
		}
		mutant.Set("")
		if sound := broken(uint64(seed), mutations[i].run); sound.nbad > 0 {
			t.Fatalf("seed %d is bad without the breakage too: %s", seed, sound.probs[0])
		}
		t.Logf("caught: seed %d %s", seed, w.probs[0])
		return
	}
	t.Errorf("%s survived %d seeds", name, n)
}

func broken(seed uint64, run string) *world {
	switch run {
	case "events":
		return sim(seed, config{event: seed})
	case "trim":
		return sim(seed, config{trim: true})
	case "fix":
		return sim(seed, config{fix: true})
	case "busy":
		return sim(seed, config{busy: true})
	case "fastClock":
		return fastClock()
	case "heldBack":
		return heldBack(seed)
	case "overload":
		return overload()
	case "backlog":
		return backlog()
	}
	return sim(seed, config{})
}

// shared says that the breakage that is on is one of the definition itself.
func shared() bool {
	return slices.ContainsFunc(mutations, func(m mutation) bool { return m.shared && mutant.Is(m.name) })
}

// buildBroken builds this package's tests over the broken product.
func buildBroken(t *testing.T) string {
	dir := t.TempDir()
	sources := breakSources(t)
	overlay := map[string]string{}
	n := 0
	replace := func(file, text string) {
		n++
		to := filepath.Join(dir, fmt.Sprintf("%d.go", n))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		abs, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		overlay[abs] = to
	}
	folders := map[string]bool{}
	for file, text := range sources {
		replace(file, text)
		folders[filepath.Dir(file)] = true
	}
	for folder := range folders {
		replace(filepath.Join(folder, "mutated.go"), helper(folder))
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "broken.test")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", file, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the broken product: %v\n%s", err, out)
	}
	return program
}

// helper is the file that gives the broken lines of a folder their switch.
func helper(folder string) string {
	return fmt.Sprintf(`package %s

import (
	"github.com/tierstream/tierstream/pkg/processor/model/mutant"
%s)

func mutated(name string) bool { return mutant.Is(name) }

func mutatedCount(name string) int64 {
	if !mutant.Is(name) {
		return 0
	}
	return mutant.Count()
}
%s`, filepath.Base(folder), additionImports[folder], additions[folder])
}

// breakSources applies every edit. An edit whose text doesn't stand in its file exactly once is a mutation that no
// longer breaks anything.
func breakSources(t *testing.T) map[string]string {
	original, text := map[string]string{}, map[string]string{}
	for _, m := range mutations {
		for _, e := range m.edits {
			if _, ok := text[e.file]; !ok {
				b, err := os.ReadFile(filepath.Join(root, e.file))
				if err != nil {
					t.Fatal(err)
				}
				original[e.file], text[e.file] = string(b), string(b)
			}
			if n := strings.Count(original[e.file], e.old); n != 1 {
				t.Errorf("mutation %s no longer applies: its text stands %d times in %s:\n%s", m.name, n, e.file, e.old)
				continue
			}
			if strings.Count(text[e.file], e.old) != 1 {
				t.Errorf("mutation %s overlaps with another one in %s:\n%s", m.name, e.file, e.old)
				continue
			}
			text[e.file] = strings.Replace(text[e.file], e.old, e.new, 1)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return text
}

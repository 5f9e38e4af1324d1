package model

import "fmt"

func (w *world) stopAll() {
	for _, a := range w.actors {
		if !a.dead {
			a.stop()
		}
	}
}

// sim is one run: the same seed and config give the same run.
func sim(seed uint64, cfg config) *world {
	w := newWorld(seed, cfg)
	r := w.r
	trim, fix := cfg.trim || seed%8 == 1, cfg.fix || seed%4 == 3 && cfg.event == 0
	lose := seed%4 == 2 && !cfg.fix // what another writer did isn't in the log: a rebuild doesn't bring it back
	if seed%16 == 4 {
		w.stats["unfenced"] = 1
	}
	if seed%5 == 0 {
		w.stats["heartbeat"] = 1
	}
	if cfg.frozen != nil {
		w.facts, fix = *cfg.frozen, false
	} else {
		w.rebalance(0, false)
		for p := range nparts {
			w.operators(p)
		}
		if cfg.event > 0 {
			w.history(cfg.event)
			w.clock = 1000
		}
	}
	w.rebalance(1, false)
	w.rebalance(2, false)
	defer w.stopAll()
	total := 40 + r.IntN(60)
	if cfg.frozen != nil || cfg.event > 0 {
		total = 0
	}
	for n := 0; w.steps < 6000 && (n < total || w.steps < 3000); w.steps++ {
		switch x := r.IntN(1000); {
		case x < 25:
			for k := 1 + r.IntN(4); k > 0 && n < total; k-- {
				w.trade(r.IntN(nparts))
				n++
			}
		case x < 80:
			w.clock++
		case x == 123 && trim:
			p := r.IntN(nparts)
			w.start[2][p] = max(w.start[2][p], min(w.commit[2][p], head(w.redis[2][p].now).Token.Offset)-int64(r.IntN(12)))
		case x == 124 && lose && r.IntN(6) == 0:
			w.lose(1+r.IntN(2), r.IntN(nparts))
		case x < 132 && x >= 125 && fix:
			w.fix(1, r.IntN(nparts))
		case x < 124:
			w.fault(x)
		default:
			w.pick()
		}
		if w.steps%25 == 0 {
			w.tend()
		}
	}
	w.quiesce()
	w.audit()
	return w
}

// fault does what may go wrong at any moment.
func (w *world) fault(x int) {
	r := w.r
	switch {
	case x < 86:
		w.crash()
	case x < 90:
		for k := 1 + r.IntN(3)*r.IntN(2); k > 0; k-- {
			w.rebalance(r.IntN(3), false)
		}
	case x < 96:
		w.actors[r.IntN(len(w.actors))].paused = w.steps + r.IntN(150)
	case x < 100:
		w.rollback()
	case x < 108: // clients of a deposed primary find the new one
		for _, a := range w.actors {
			if a.br != nil && r.IntN(2) == 0 {
				a.br = w.redis[a.stage][a.p]
			}
		}
	case x < 116 && len(w.late) > 0:
		i := r.IntN(len(w.late))
		f := w.late[i]
		w.late = append(w.late[:i], w.late[i+1:]...)
		f()
	case x == 116:
		w.commit[1+r.IntN(2)][r.IntN(nparts)] = 0
	case x < 122:
		w.aim()
	case x == 122:
		w.drift = -int64(r.IntN(4)) // another leader with another clock
	default:
		w.pick()
	}
}

func (w *world) crash() {
	a := w.actors[w.r.IntN(len(w.actors))]
	if a.dead || a.stage == 3 {
		return
	}
	a.stop()
	a.dead = true
	w.stats["crash"]++
	if a.gen == w.gen[a.stage] {
		w.rebalance(a.stage, false)
	}
}

func (w *world) owner(stage, p int) *actor {
	for i := len(w.actors) - 1; i >= 0; i-- {
		if a := w.actors[i]; !a.dead && a.stage == stage && a.p == p && a.gen == w.gen[stage] {
			return a
		}
	}
	return nil
}

// rebalance gives every partition of a stage a new owner; the old ones learn it late (zombies), or never.
func (w *world) rebalance(stage int, kill bool) {
	w.gen[stage]++
	for _, a := range w.actors {
		if a.stage != stage || a.dead || a.told > 0 && !kill {
			continue
		}
		a.told = w.steps + w.r.IntN(200)
		if w.r.IntN(4) == 0 {
			a.paused = w.steps + 50 + w.r.IntN(400)
			a.told = a.paused + 60
		}
		if kill {
			a.stop()
			a.dead = true
		}
	}
	for p := range nparts {
		w.spawn(stage, p)
	}
}

// pick runs one actor for a few steps.
func (w *world) pick() {
	n := 0
	for _, a := range w.actors {
		if !a.dead && (w.calm || a.paused <= w.steps) {
			n++
		}
	}
	if n == 0 {
		return
	}
	i := w.r.IntN(n)
	for _, a := range w.actors {
		if !a.dead && (w.calm || a.paused <= w.steps) {
			if i--; i < 0 {
				a.run(1 + w.r.IntN(6))
				return
			}
		}
	}
}

func (a *actor) run(n int) {
	for ; n > 0 && !a.dead; n-- {
		if _, ok := a.next(); !ok {
			a.dead = true
		}
	}
}

// aim: hold an owner between a Read and its Apply, let another advance, fail over to exactly the cursor that the
// first expects, go on with the first.
func (w *world) aim() {
	var v *actor
	for _, a := range w.actors {
		if (a.stage == 1 || a.stage == 2) && !a.dead && a.hold && a.br == w.redis[a.stage][a.p] &&
			head(a.br.now).Token.Offset == a.lastCur && w.r.IntN(2) == 0 {
			v = a
		}
	}
	if v == nil || w.halted[v.stage][v.p] != "" {
		return
	}
	b := v.br
	cur := func() int64 { return head(b.now).Token.Offset }
	w.rebalance(v.stage, false)
	v.told, v.paused = w.steps+400, 0
	o := w.owner(v.stage, v.p)
	for i := 0; i < 80 && cur() <= v.lastCur && !o.dead; i++ {
		o.run(1)
	}
	if cur() <= v.lastCur {
		return
	}
	want := v.lastCur
	v.run(w.r.IntN(5))
	for i := len(b.snaps) - 1; i >= 0; i-- {
		if b.curs[i] == want {
			w.stats["aimed"]++
			w.failover(v.stage, v.p, b.back(i), false)
			v.run(8)
			return
		}
	}
}

// tend: somebody owns each partition; the operator repairs what is lost.
func (w *world) tend() {
	for s := 0; s <= 2; s++ {
		if s == 0 && w.cfg.frozen != nil {
			continue
		}
		for p := range nparts {
			if s > 0 {
				w.repair(s, p)
			}
			if w.owner(s, p) == nil && w.halted[s][p] == "" {
				w.rebalance(s, false)
				break
			}
		}
	}
	live := w.actors[:0]
	for _, a := range w.actors {
		if !a.dead {
			live = append(live, a)
		}
	}
	clear(w.actors[len(live):])
	w.actors = live
}

// quiesce: late requests land, zombies run on a little, then fresh owners without faults until nothing moves.
func (w *world) quiesce() {
	for _, f := range w.late {
		f()
	}
	w.late, w.calm = nil, true
	for range 300 {
		w.steps++
		w.pick()
	}
	for s := 0; s <= 2; s++ {
		for _, a := range w.actors {
			if a.br != nil {
				a.br = w.redis[a.stage][a.p]
			}
		}
		if s > 0 || w.cfg.frozen == nil {
			w.rebalance(s, true)
		}
	}
	idle, prev := 0, ""
	for i := 0; i < 60000 && idle < 600; i++ {
		w.steps++
		w.pick()
		if i%20 == 0 && i < 3000 {
			w.clock++
		}
		if i%25 == 0 {
			w.tend()
		}
		if i%10 == 0 {
			now := fmt.Sprint(w.commit, w.inDone, w.ctlLeft, len(w.facts[0]), len(w.facts[1]), len(w.scores[0]), len(w.scores[1]))
			if idle += 10; now != prev || w.ctlLeft > 0 || i < 3000 {
				idle = 0
			}
			prev = now
		}
	}
}

package credit

import "github.com/tierstream/tierstream/pkg/civil"

// Carried is sums of a ledger as of one day that go on with what is added to it, so that an event of a customer who trades all day
// long doesn't add up a year again. It is of a ledger that is kept: one that is put in its place has a new one. The zero value
// has none yet.
type Carried struct {
	ok    bool
	today civil.Day
	windows
	sums

	// What is late on another day, once somebody has asked.
	judges bool
	judged civil.Day
	late   late // without the days of the oldest
}

// windows are those of a policy.
type windows struct{ settled, promptness, dso, trend int }

func windowsOf(cfg *Config) windows {
	return windows{cfg.WindowDays, cfg.PromptnessDays, cfg.DSODays, cfg.Scoring.TrendDays}
}

// sums are what the lists add up to: of the items, whatever their days, and of the others those of a window.
type sums struct {
	open, disputed, parts int64
	overdue               overdue
	items, recentItems    SettledDay // of the window, of its last days; their Day is nothing
	paid                  weighted   // of the window of promptness
	all, recent           heldMean   // the same, and of its last days
	sales                 int64      // of the window of DSO
	sold, settled         int64      // of the GrowthDays up to today
}

// overdue is what the items come to that are.
type overdue struct {
	ageing        Ageing
	amount, items int64
	paid          weighted // with its days so far, for promptness
}

// add adds an item, or takes one away.
func (c *Carried) add(i *Item, sign int64) {
	c.open += sign * i.Left
	c.disputed += sign * i.Disputed
	if i.Left < i.Amount {
		c.parts += sign
	}
	if i.Due < c.today {
		past := int64(c.today - i.Due)
		c.overdue.ageing.add(past, sign*i.Left)
		c.overdue.paid.add(sign*i.Left, past)
		c.overdue.amount += sign * i.Left
		c.overdue.items += sign
	}
	if c.judges {
		c.late.add(i, c.judged, sign)
	}
}

func (d *SettledDay) add(x SettledDay) {
	d.Settled += x.Settled
	d.Late += x.Late
	d.Beyond += x.Beyond
}

func (c *Carried) addSettled(x SettledDay) {
	if !within(x.Day, c.today, c.windows.settled) {
		return
	}
	c.items.add(x)
	if within(x.Day, c.today, c.trend) {
		c.recentItems.add(x)
	}
}

func (c *Carried) addPortion(p Portion) {
	if within(p.Day, c.today, c.promptness) {
		c.paid.add(p.Amount, int64(p.Beyond))
		c.all.add(p.Amount, int64(p.Beyond))
		if within(p.Day, c.today, c.trend) {
			c.recent.add(p.Amount, int64(p.Beyond))
		}
	}
	if within(p.Day, c.today, GrowthDays-1) {
		c.sums.settled += p.Amount
	}
}

func (c *Carried) addSale(x Sale) {
	if within(x.Day, c.today, c.dso) {
		c.sales += x.Amount
	}
	if within(x.Day, c.today, GrowthDays-1) {
		c.sold += x.Amount
	}
}

// entries adds entries of a ledger, or takes them away.
func (c *Carried) entries(l *Ledger, sign int64) {
	for i := range l.Items {
		c.add(&l.Items[i], sign)
	}
	for _, x := range l.Settled {
		c.addSettled(SettledDay{x.Day, sign * x.Settled, sign * x.Late, sign * x.Beyond})
	}
	for _, x := range l.Portions {
		c.addPortion(Portion{x.Day, x.Beyond, sign * x.Amount})
	}
	for _, x := range l.Sales {
		c.addSale(Sale{x.Day, sign * x.Amount})
	}
}

// carries says that sums have to go on.
func (l *Ledger) carries() bool { return l.Carried != nil && l.Carried.ok }

// sums are those as of any moment of today.
func (l *Ledger) sums(cfg *Config, today civil.Day) *sums {
	c := l.Carried
	if c == nil {
		c = &Carried{}
	}
	if w := windowsOf(cfg); !c.ok || c.today != today || c.windows != w {
		*c = Carried{ok: true, today: today, windows: w}
		c.entries(l, 1)
	}
	return &c.sums
}

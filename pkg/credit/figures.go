package credit

import "github.com/tierstream/tierstream/pkg/figure"

// Config is what the policy says of credit. Windows are in days: the full days before today, and today so far.
type Config struct {
	WindowDays     int   // for the counts of settled items
	PromptnessDays int   // for promptness
	DSODays        int   // for days sales outstanding
	Tolerance      int64 // minor units: an item is settled when no more than this is left
	Hold           bool  // money that names nothing stays unapplied, instead of going to what is due first
	Forgive        bool  // a later due day counts, though it was given after the old one had passed
	Scoring        Scoring
	Quiet          Quiet
}

// Ageing is what is open by days past due, in minor units.
type Ageing struct{ Current, D1To30, D31To60, D61To90, D90Plus int64 }

// Figures is how a customer pays, as of one instant. Money is minor units, tax and freight included.
type Figures struct {
	Open, Unapplied, Overdue, Disputed, Commitments, Exposure int64
	Ageing                                                    Ageing
	MaxDaysOverdue                                            int64 // 0 where nothing is overdue
	Settled, SettledLate                                      int64 // items, in the window
	OnTimeRate                                                figure.Micro
	MeanDaysBeyondTerms                                       figure.Micro
	Promptness                                                figure.Micro // 0 to 100
	DSO                                                       figure.Micro // days
	Undisputed                                                Graded       // where something is disputed: see Graded
	FailedPayments, BrokenPromises                            int64        // in WarningDays
	PartPayments                                              int64        // items that are open in part

	// What Rate adds.
	Limit                 Limit
	Utilisation           figure.Micro // exposure of the limit; null without a limit
	Score                 figure.Micro // 0 to 100
	Grade                 int64        // number of the policy's grade, 1 the best; 0: none
	Warnings              Warnings
	RecentDays, HabitDays figure.Micro // mean days beyond terms of the last days, and of the window before
}

// Limit is how much may be owed, in minor units.
type Limit struct {
	Minor int64
	Known bool
}

package loadgen

import (
	"errors"
	"fmt"
	"time"
)

// ErrConfig says that a Config can't be generated from.
var ErrConfig = errors.New("load generator is set up wrongly")

// Config says what trade to generate. Start from Default.
type Config struct {
	Customers int       // how many customers, at least 1, at most 9,999,999
	Days      int       // how many days of trade, 1 to 3,650
	Seed      uint64    // the same seed gives the same bytes
	Start     time.Time // first instant of the trade, midnight UTC
	Currency  string    // of every document but for Foreign: three capital letters
	Foreign   int       // basis points of customers who trade in another currency; rates are told then
	Shares    Shares    // how often what happens
}

// Shares are the knobs, each in basis points (100 = 1 %). Zero switches the law off.
type Shares struct {
	Duplicates      int // of events: sent twice, the same bytes
	Late            int // of events but profiles: arrive hours or days after they happened
	Malformed       int // of events: a broken copy arrives just before the good one
	Cancellations   int // of orders
	Amendments      int // of orders: changed by a higher revision
	Returns         int // of orders: goods come back
	UnlinkedReturns int // of returns: name no order
	ZeroOrders      int // of orders: samples, amount 0
	Prepaid         int // of orders: paid for before they are placed
	Unallocated     int // of payments on credit orders: name nothing
	Bulk            int // of payments on credit orders: also pay what else is about to fall due
	Overpayments    int // of payments on credit orders: more than is owed
	Reversals       int // of payments on credit orders: taken back by the bank
	FailedAttempts  int // of payments of payers in good health: fail at first
	Bills           int // of payments on credit orders: by trade bill
}

// Default is the trade that docs/loadgen.md describes: 3,000 customers over two years from 2024 in CNY, seed 1.
func Default() Config {
	return Config{
		Customers: 3000,
		Days:      730,
		Seed:      1,
		Start:     time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC),
		Currency:  "CNY",
		Shares: Shares{
			Duplicates: ShareDuplicates, Late: ShareLate, Malformed: ShareMalformed,
			Cancellations: ShareCancellations, Amendments: ShareAmendments,
			Returns: ShareReturns, UnlinkedReturns: ShareUnlinkedReturns,
			ZeroOrders: ShareZeroOrders, Prepaid: SharePrepaid,
			Unallocated: ShareUnallocated, Bulk: ShareBulk, Overpayments: ShareOverpayments,
			Reversals: ShareReversals, FailedAttempts: ShareFailedAttempts, Bills: ShareBills,
		},
	}
}

func (cfg Config) validate() error {
	switch {
	case cfg.Customers < 1 || cfg.Customers > 9_999_999:
		return fmt.Errorf("%w: customers is %d: give 1 to 9999999", ErrConfig, cfg.Customers)
	case cfg.Days < 1 || cfg.Days > 3650:
		return fmt.Errorf("%w: days is %d: give 1 to 3650", ErrConfig, cfg.Days)
	case cfg.Start.Year() < 1971 || cfg.Start.Year() > 2180:
		return fmt.Errorf("%w: start is %s: give a day from 1971 to 2180", ErrConfig, cfg.Start)
	case !cfg.Start.Equal(cfg.Start.Truncate(24 * time.Hour)):
		return fmt.Errorf("%w: start is %s: give midnight UTC", ErrConfig, cfg.Start)
	case !isCurrency(cfg.Currency):
		return fmt.Errorf("%w: currency is %q: give an ISO 4217 code such as CNY", ErrConfig, cfg.Currency)
	case cfg.Foreign < 0 || cfg.Foreign > Whole:
		return fmt.Errorf("%w: foreign is %d: give 0 to %d basis points", ErrConfig, cfg.Foreign, Whole)
	case cfg.Foreign > 0 && worthOf(cfg.Currency) == 0:
		return fmt.Errorf("%w: foreign customers need a currency with rates: CNY, EUR, USD or JPY, not %s", ErrConfig, cfg.Currency)
	}
	return cfg.Shares.validate()
}

func (s Shares) validate() error {
	for _, share := range []int{
		s.Duplicates, s.Late, s.Malformed, s.Cancellations, s.Amendments, s.Returns, s.UnlinkedReturns, s.ZeroOrders,
		s.Prepaid, s.Unallocated, s.Bulk, s.Overpayments, s.Reversals, s.FailedAttempts, s.Bills,
	} {
		if share < 0 || share > Whole {
			return fmt.Errorf("%w: a share is %d: give 0 to %d basis points", ErrConfig, share, Whole)
		}
	}
	return nil
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

// minorPerMajor is how many minor units make one major unit of a currency, by ISO 4217's table of exponents.
func minorPerMajor(currency string) int64 {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 1
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 1000
	}
	return 100
}

package loadgen

// Whole is 100 % in basis points, the unit of every share.
const Whole = 10_000

// How events travel.
const (
	ShareDuplicates = 100  // 1 % of events are sent twice, the same bytes, seconds to hours apart
	ShareLate       = 200  // 2 % of events but profiles arrive late
	ShareLateDays   = 4000 // 40 % of the late ones are 1 to 5 days late, the others 1 to 24 hours
	ShareMalformed  = 20   // 0.2 % of events are preceded by a broken copy of themselves
)

// ShareCorrections is how often a day's exchange rates are told again, corrected: 5 %.
const ShareCorrections = 500

// What becomes of orders.
const (
	ShareCancellations   = 200  // 2 % of orders are cancelled within 20 hours
	ShareAmendments      = 400  // 4 % of the others are changed within 20 hours
	ShareResent          = 3000 // 30 % of the changes are a full `placed` of a higher revision, the others `amended`
	ShareReturns         = 400  // 4 % of orders see goods come back, 6 to 25 days later
	ShareUnlinkedReturns = 2500 // 25 % of the returns name no order
	ShareFullReturns     = 3000 // 30 % of the linked returns are of everything
	ShareZeroOrders      = 50   // 0.5 % of orders are samples of amount 0
	SharePrepaid         = 200  // 2 % of orders are paid 1 to 48 hours before they are placed
	ShareFulfilled       = 5500 // 55 % of orders not cancelled report their delivery, 1 to 4 days later
	ShareFreight         = 2500 // 25 % of orders carry freight, 1 to 3 % of the goods
	ShareLines           = 2000 // 20 % of orders are sent with their lines
	SharePromptCash      = 500  // 5 % of the orders of customers with terms are cash orders
)

// What becomes of payments.
const (
	ShareCashPayments   = 6000 // 60 % of cash orders send their payment; the rest is counter trade
	ShareUnallocated    = 1500 // 15 % of payments of credit customers name nothing: oldest due first
	ShareBulk           = 3000 // 30 % of payments in full also pay whatever falls due within 5 days, if anything does
	ShareOverpayments   = 50   // 0.5 % of payments are 1 to 5 % more than is owed
	ShareReversals      = 100  // 1 % of payments are reversed 1 to 10 days later, and paid again after
	SharePartReversals  = 3000 // 30 % of the reversals take back one half
	ShareFailedAttempts = 100  // 1 % of payments of healthy payers fail once and are tried again two days later
	ShareBills          = 300  // 3 % of payments of credit customers are trade bills of 90 to 180 days
	ShareRefunds        = 5000 // 50 % of what customers with terms have paid too much goes back; the rest they deduct
)

// Who the customers are.
const (
	ShareFounding      = 7500 // 75 % are customers from the first day, the others join during the first three quarters
	ShareChineseNames  = 6000 // 60 % have a Chinese company name
	ShareInvoiced      = 3000 // 30 % of the customers with terms get invoices, so their orders say invoice_expected
	ManagerChangeYear  = 500  // 5 % of customers a year get another account manager
	EngagementsYear    = 2    // contacts, surveys, referrals and visits per customer and year
	ShareComplaints    = 1200 // 12 % of service contacts are complaints
	TaxPercent         = 13   // value added tax, included in every amount
	WeekdayPercent     = 125  // of the mean day, Monday to Friday
	WeekendPercent     = 38   // of the mean day, Saturday and Sunday
	ShareBusinessHours = 8500 // 85 % of orders come between 9 and 18 o'clock in China, the others in the evening
)

// How customers of each kind of buyer behave; days count from the day that the customer joined.
const (
	GrowthStart    = 40  // percent of the mean rate at which growing buyers begin
	GrowthYear     = 85  // points that they gain a year
	GrowthMax      = 250 // percent at which they stop growing
	DeclineStart   = 175 // percent of the mean rate at which declining buyers begin
	DeclineYear    = 85  // points that they lose a year
	DeclineMin     = 8   // percent below which they don't fall
	SilenceAfter   = 150 // dormant and returning buyers fall silent from this day at the earliest
	SilenceSpread  = 250 // and at most so many days later
	PauseMin       = 120 // days that returning buyers are silent at the least
	PauseSpread    = 180 // and at most so many days longer
	OnceMultiple   = 12  // the only order of one who buys once is so many times their usual one
	FailureAfter   = 120 // failing payers stop paying from this day at the earliest
	FailureSpread  = 500 // and at most so many days later
	FailureSupply  = 60  // days that a failing payer still gets goods after the first unpaid bill
	CashTerms      = 0   // no terms: a cash customer
	ShortTerms     = 30  // days
	LongTerms      = 60  // days
	SpreadCustomer = 450 // sigma of the lognormal between customers of a size, in thousandths
	SpreadOrder    = 550 // sigma of the lognormal between orders of a customer, in thousandths
)

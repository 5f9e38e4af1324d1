package loadgen

// The topics of the contract that the trade goes to.
const (
	TopicOrders      = "orders"
	TopicInvoices    = "invoices"
	TopicPayments    = "payments"
	TopicProfiles    = "profiles"
	TopicEngagements = "engagements"
	TopicRates       = "fx-rates"
)

// event is an input of the contract; its order of members is the order on the wire. Shop and accounts write integers
// as numbers, the bank writes them as texts: the contract allows both.
type event struct {
	EventID    string `json:"event_id"`
	Source     string `json:"source"`
	OccurredAt string `json:"occurred_at"`
	RecordedAt string `json:"recorded_at,omitempty"`
	Revision   int    `json:"revision,omitempty"`
	CustomerID string `json:"customer_id"`
	OrderID    string `json:"order_id,omitempty"`
	InvoiceID  string `json:"invoice_id,omitempty"`
	PaymentID  string `json:"payment_id,omitempty"`

	Placed    *placed    `json:"placed,omitempty"`
	Amended   *amended   `json:"amended,omitempty"`
	Fulfilled *fulfilled `json:"fulfilled,omitempty"`
	Cancelled *cancelled `json:"cancelled,omitempty"`
	Returned  *returned  `json:"returned,omitempty"`

	Issued *issued `json:"issued,omitempty"`

	Received *received `json:"received,omitempty"`
	Failed   *failed   `json:"failed,omitempty"`
	Reversed *reversed `json:"reversed,omitempty"`
	Refunded *refunded `json:"refunded,omitempty"`

	ServiceContact *serviceContact `json:"service_contact,omitempty"`
	Survey         *survey         `json:"survey,omitempty"`
	Referral       *referral       `json:"referral,omitempty"`
	Activity       *activity       `json:"activity,omitempty"`

	profile
}

type placed struct {
	AmountMinor     int64       `json:"amount_minor"`
	Currency        string      `json:"currency"`
	TaxMinor        int64       `json:"tax_minor"`
	FreightMinor    int64       `json:"freight_minor,omitempty"`
	CostMinor       int64       `json:"cost_minor,omitempty"`
	TermsDays       int         `json:"terms_days,omitempty"`
	InvoiceExpected bool        `json:"invoice_expected,omitempty"`
	Channel         string      `json:"channel"`
	Lines           []orderLine `json:"lines,omitempty"`
}

type orderLine struct {
	SKU         string `json:"sku"`
	Category    string `json:"category"`
	Quantity    int64  `json:"quantity"`
	AmountMinor int64  `json:"amount_minor"`
	TaxMinor    int64  `json:"tax_minor"`
}

type amended struct {
	AmountMinor int64 `json:"amount_minor"`
	TaxMinor    int64 `json:"tax_minor"`
	CostMinor   int64 `json:"cost_minor"`
}

type fulfilled struct {
	DeliveryID  string `json:"delivery_id"`
	AmountMinor int64  `json:"amount_minor"`
	Currency    string `json:"currency"`
	CostMinor   int64  `json:"cost_minor,omitempty"`
}

type cancelled struct {
	Reason string `json:"reason"`
}

type returned struct {
	ReturnID    string `json:"return_id"`
	AmountMinor int64  `json:"amount_minor"`
	TaxMinor    int64  `json:"tax_minor"`
	Currency    string `json:"currency"`
	InvoiceID   string `json:"invoice_id,omitempty"`
	Reason      string `json:"reason"`
}

type issued struct {
	AmountMinor int64         `json:"amount_minor"`
	TaxMinor    int64         `json:"tax_minor"`
	Currency    string        `json:"currency"`
	DueDate     string        `json:"due_date"`
	Orders      []issuedOrder `json:"orders"`
}

type issuedOrder struct {
	OrderID     string `json:"order_id"`
	AmountMinor int64  `json:"amount_minor"`
}

type received struct {
	AmountMinor int64        `json:"amount_minor,string"`
	Currency    string       `json:"currency"`
	ValueDate   string       `json:"value_date"`
	Method      string       `json:"method"`
	MaturesOn   string       `json:"matures_on,omitempty"`
	Allocations []allocation `json:"allocations,omitempty"`
}

type allocation struct {
	OrderID     string `json:"order_id,omitempty"`
	InvoiceID   string `json:"invoice_id,omitempty"`
	AmountMinor int64  `json:"amount_minor,string"`
}

type failed struct {
	AttemptID   string `json:"attempt_id"`
	AmountMinor int64  `json:"amount_minor,string"`
	Currency    string `json:"currency"`
	OrderID     string `json:"order_id,omitempty"`
	InvoiceID   string `json:"invoice_id,omitempty"`
	Reason      string `json:"reason"`
}

type reversed struct {
	ReversalID  string `json:"reversal_id"`
	AmountMinor int64  `json:"amount_minor,string"`
	Currency    string `json:"currency"`
	Reason      string `json:"reason"`
}

type refunded struct {
	RefundID    string `json:"refund_id"`
	AmountMinor int64  `json:"amount_minor,string"`
	Currency    string `json:"currency"`
	ReturnID    string `json:"return_id,omitempty"`
}

type serviceContact struct {
	Minutes   int64  `json:"minutes"`
	CostMinor int64  `json:"cost_minor"`
	Currency  string `json:"currency"`
	Channel   string `json:"channel"`
	Complaint bool   `json:"complaint,omitempty"`
}

type survey struct {
	Score int64 `json:"score"`
}

type referral struct {
	ReferredCustomerID string `json:"referred_customer_id"`
}

type activity struct {
	Kind string `json:"kind"`
}

type profile struct {
	Name           string       `json:"name,omitempty"`
	Industry       string       `json:"industry,omitempty"`
	Size           string       `json:"size,omitempty"`
	Region         string       `json:"region,omitempty"`
	AccountManager string       `json:"account_manager,omitempty"`
	TimeZone       string       `json:"time_zone,omitempty"`
	Locale         string       `json:"locale,omitempty"`
	CreditLimit    *creditLimit `json:"credit_limit,omitempty"`
}

type creditLimit struct {
	AmountMinor int64  `json:"amount_minor"`
	Currency    string `json:"currency"`
}

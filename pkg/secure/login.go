package secure

// Login says who the client is. The zero value: nobody in particular.
type Login struct {
	Mechanism string // of SASL, for Kafka; one of Mechanisms
	User      string
	Password  Secret
}

// The mechanisms of SASL that a client can use.
const (
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
)

// Mechanisms are their names.
func Mechanisms() []string { return []string{Plain, ScramSHA256, ScramSHA512} }

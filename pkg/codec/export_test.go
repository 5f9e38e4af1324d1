package codec

// MaxFields is how many fields a message of an event may have.
const MaxFields = maxFields

// PlainPage is what ReadPage is held to.
func (d *Days) PlainPage(b []byte) error { return d.plainPage(b) }

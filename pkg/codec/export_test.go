package codec

// MaxFields is how many fields a message of an event may have.
const MaxFields = maxFields

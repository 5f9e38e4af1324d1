package credit

// Appended is how many changes were settled after all else of their day, instead of with it.
func (j *Journal) Appended() int { return j.appended }

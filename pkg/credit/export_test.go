package credit

// Appended is how many changes were settled after all else of their day, instead of with it.
func (j *Journal) Appended() int { return j.appended }

// Lately is the place of the first number of an ascending list that isn't less than one.
func Lately(list []int, n int) int { return lately(list, func(x *int) bool { return *x < n }) }

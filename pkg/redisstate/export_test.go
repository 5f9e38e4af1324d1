package redisstate

import "strings"

// Usages are the names of the commands that Access asks for.
func Usages() (names []string) {
	for _, u := range usages() {
		names = append(names, strings.ToUpper(u.args[0].(string)))
	}
	return names
}

package lintyaml

import (
	"fmt"
	"strings"
)

// Closest is a hint that names the word that was likely meant, or otherwise.
func Closest(word string, words []string, otherwise string) string {
	best, distance := "", 1+max(len(word)/3, 1)
	for _, w := range words {
		if strings.HasSuffix(w, "."+word) || len(word) > 2 && strings.HasPrefix(w, word) { // without its group, or cut short
			return fmt.Sprintf("did you mean %s?", w)
		}
		if n := edits(strings.ToLower(word), w); n < distance {
			best, distance = w, n
		}
	}
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// edits is the Levenshtein distance: how many letters to change, add or drop.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

package typeinfo

import (
	"path"
	"slices"
	"strconv"
)

// Near returns at most three quoted import paths that a person who wrote
// importPath may have meant, the likeliest first: those with the same last
// element, such as "gonum.org/v1/gonum/mat" for "gonum/mat", and those that
// differ in a few letters.
func (s Set) Near(importPath string) []string {
	type candidate struct {
		path string
		cost int
	}
	var found []candidate
	limit := 1 + len(importPath)/6
	for _, p := range s.Paths() {
		d := distance(importPath, p)
		switch {
		case d <= limit:
			found = append(found, candidate{p, d})
		case path.Base(p) == path.Base(importPath):
			found = append(found, candidate{p, 100 + d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.cost - b.cost })
	var out []string
	for _, c := range found[:min(3, len(found))] {
		out = append(out, strconv.Quote(c.path))
	}
	return out
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

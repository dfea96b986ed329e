package nasbench201

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"

	"arch2vec/native/cell"
)

// ClassHash names the isomorphism class of a cell: cells that compute the same
// expression of the input share it. Each feature map is written as the sum of
// what its edges bring, sorted; skip_connect brings its source unchanged, none,
// and anything applied to nothing, brings nothing. This is how the benchmark
// counts its 6,466 different topologies.
func (s Space) ClassHash(c cell.Cell) (string, error) {
	if err := s.Check(c); err != nil {
		return "", err
	}
	const zero = "#"
	maps := [4]string{"0"}
	edge := 0
	for to := 1; to < len(maps); to++ {
		terms := make([]string, 0, to)
		for from := range to {
			op := c.Op(1 + edge)
			edge++
			switch {
			case op == None || maps[from] == zero:
				terms = append(terms, zero)
			case op == SkipConnect:
				terms = append(terms, maps[from])
			default:
				terms = append(terms, "("+maps[from]+")@"+vocabulary[op])
			}
		}
		slices.Sort(terms)
		maps[to] = strings.Join(terms, "+")
	}
	sum := md5.Sum([]byte(maps[len(maps)-1]))
	return hex.EncodeToString(sum[:]), nil
}

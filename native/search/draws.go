package search

import (
	"math/rand/v2"

	"arch2vec/native/cell"
	"arch2vec/native/space"
)

// draws draws cells uniformly from a space and knows which were proposed.
type draws struct {
	space  space.Space
	rng    *rand.Rand
	repeat bool
	seen   map[cell.Cell]bool
}

func newDraws(p Problem, method string, repeat bool) *draws {
	return &draws{space: p.Space, rng: seeded(p.Seed, method), repeat: repeat, seen: map[cell.Cell]bool{}}
}

// tries is how often a random draw is repeated to find a cell that is new. Where
// cells are so rare, what is left is listed.
const tries = 100

// cell draws a cell and marks it as seen; unless repeat, it is one that was not.
func (d *draws) cell() (cell.Cell, error) {
	for range tries {
		if c := d.space.Random(d.rng); d.take(c) {
			return c, nil
		}
	}
	var left []cell.Cell
	for i := range d.space.Len() {
		if c := d.space.Cell(i); !d.seen[c] {
			left = append(left, c)
		}
	}
	if len(left) == 0 {
		return cell.Cell{}, ErrExhausted
	}
	c := left[d.rng.IntN(len(left))]
	d.seen[c] = true
	return c, nil
}

// take marks a cell as seen, if it may be proposed.
func (d *draws) take(c cell.Cell) bool {
	if d.seen[c] && !d.repeat {
		return false
	}
	d.seen[c] = true
	return true
}

package dngo

import (
	"math"
	"slices"
)

// vertex is a point of the plane and a function's value there.
type vertex struct {
	at    [2]float64
	value float64
}

// minimise returns the least point that Nelder and Mead's simplex sees (Lagarias,
// Reeds, Wright, Wright: Convergence Properties of the Nelder-Mead Simplex Method in
// Low Dimensions, 1998, with its coefficients 1, 2, 1/2 and 1/2). It begins with
// triangles of side size, and ends when the least value has not become less by
// tolerance for patience turns, or after so many evaluations.
func minimise(f func([2]float64) float64, start [2]float64, size, tolerance float64, patience, evaluations int) [2]float64 {
	best := vertex{start, math.Inf(1)}
	eval := func(at [2]float64) vertex {
		evaluations--
		v := vertex{at, f(at)}
		if v.value < best.value {
			best = v
		}
		return v
	}
	var s [3]vertex // ascending
	s[2] = eval(start)
	s[0] = eval([2]float64{start[0] + size, start[1]})
	s[1] = eval([2]float64{start[0], start[1] + size})
	order := func() {
		slices.SortStableFunc(s[:], func(a, b vertex) int {
			switch {
			case a.value < b.value:
				return -1
			case a.value > b.value:
				return 1
			}
			return 0
		})
	}
	order()
	least, since := s[0].value, 0
	for since < patience && evaluations > 0 {
		// A point on the line from the worst vertex through the middle of the others.
		along := func(scale float64) vertex {
			var p [2]float64
			for i := range p {
				middle := (s[0].at[i] + s[1].at[i]) / 2
				p[i] = middle + scale*(middle-s[2].at[i])
			}
			return eval(p)
		}
		reflected := along(1)
		next := reflected
		shrink := false
		switch {
		case reflected.value < s[0].value:
			if expanded := along(2); expanded.value < reflected.value {
				next = expanded
			}
		case reflected.value < s[1].value:
		case reflected.value < s[2].value:
			next = along(0.5)
			shrink = next.value > reflected.value
		default:
			next = along(-0.5)
			shrink = !(next.value < s[2].value)
		}
		if shrink {
			for v := range s[1:] {
				var p [2]float64
				for i := range p {
					p[i] = s[0].at[i] + (s[v+1].at[i]-s[0].at[i])/2
				}
				s[v+1] = eval(p)
			}
		} else {
			s[2] = next
		}
		order()
		if since++; s[0].value < least-tolerance {
			least, since = s[0].value, 0
		}
	}
	return best.at
}

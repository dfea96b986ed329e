package improvement

import (
	"math"
	"testing"
)

// Expected against the integral that it is.
func TestExpected(t *testing.T) {
	for _, c := range []struct{ mean, sd, best float64 }{{0, 1, 0}, {1, 2, 0.5}, {-3, 1, 0}, {90, 0.5, 92}, {2, 0.1, 1}, {1, 0, 0.5}, {0.5, 0, 1}} {
		want, dx := 0.0, c.sd/1000
		if c.sd == 0 {
			want = max(0, c.mean-c.best)
		} else {
			for x := c.best + dx/2; x < max(c.mean+12*c.sd, c.best); x += dx {
				z := (x - c.mean) / c.sd
				want += (x - c.best) * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / c.sd * dx
			}
		}
		if got := Expected(c.mean, c.sd, c.best); !(math.Abs(got-want) <= 1e-5*want) {
			t.Errorf("mean %v, deviation %v, best %v: %v, want %v", c.mean, c.sd, c.best, got, want)
		}
	}
}

// Nothing that falls short of the best so far improves more, and what falls short by
// a little less does.
func TestShort(t *testing.T) {
	if s := Short(Peak); s != 0 {
		t.Errorf("for the peak: %v", s)
	}
	for x := Peak / 2; x > 0; x *= 0.01 {
		s := Short(x)
		for _, sd := range []float64{1e-8, 1e-3, 1, 50} {
			if got := Expected(-s*sd, sd, 0); got > x*sd*(1+1e-9) {
				t.Errorf("%v short improves by %v deviations, more than %v", s, got/sd, x)
			}
		}
		if x > 1e-290 && !(standard(-s+1e-3) > x) {
			t.Errorf("for %v, %v is too far", x, s)
		}
	}
}

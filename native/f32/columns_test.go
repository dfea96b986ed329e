package f32

import (
	"math/rand/v2"
	"testing"
)

func TestColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, dim := range []int{1, 3, 16, 33} {
		for _, n := range []int{0, 1, 31, 32, 33, 70} {
			data := random(r, n*dim)
			cols := Columns(dim, data)
			if len(cols) != Panels(n)*dim*Width {
				t.Fatalf("%d rows of %d: %d elements", n, dim, len(cols))
			}
			for i := range Panels(n) * Width {
				for d := range dim {
					want := float32(0)
					if i < n {
						want = data[i*dim+d]
					}
					if got := cols[(i/Width*dim+d)*Width+i%Width]; got != want {
						t.Fatalf("%d rows of %d: element %d of row %d is %v, want %v", n, dim, d, i, got, want)
					}
				}
			}
		}
	}
}

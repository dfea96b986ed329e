package f32

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestReadout(t *testing.T) {
	onEach(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for _, rows := range []int{1, 2, 3, 10} {
			for _, panels := range []int{1, 2, 4} {
				stride := (rows + 2) * Width
				x, w := random(r, panels*stride), random(r, panels*Width)
				out, check := guarded(t, rows)
				k.Readout(rows, panels, stride, x, w, out)
				check()
				for i, got := range out {
					want := 0.0
					for c := range panels * Width {
						want += float64(x[c/Width*stride+i*Width+c%Width]) * float64(w[c])
					}
					near(t, fmt.Sprintf("%d rows, %d panels: out[%d]", rows, panels, i), got, want, 2e-5)
				}
			}
			e, w, h := random(r, rows), random(r, Width), random(r, rows*Width)
			d, check := guarded(t, rows*Width)
			dw, checkSums := guarded(t, Width)
			k.ReadoutBack(rows, e, w, h, d, dw)
			check()
			checkSums()
			for j := range Width {
				sum := 0.0
				for i := range rows {
					v := float64(h[i*Width+j])
					sum += float64(e[i]) * v
					near(t, fmt.Sprintf("%d rows: d[%d,%d]", rows, i, j), d[i*Width+j], float64(e[i])*float64(w[j])*(1-v*v), 2e-5)
				}
				near(t, fmt.Sprintf("%d rows: dw[%d]", rows, j), dw[j], sum, 2e-5)
			}
		}
	})
}

// Both vector widths give the same bits.
func TestReadoutSameBits(t *testing.T) {
	wide, err := Select("avx512")
	if err != nil {
		t.Skip("needs AVX-512:", err)
	}
	narrow, err := Select("avx2")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	const rows = 7
	x, w := random(r, 4*rows*Width), random(r, 4*Width)
	run := func(k *Kernels) []float32 {
		out, d, dw := make([]float32, rows), make([]float32, rows*Width), make([]float32, Width)
		k.Readout(rows, 4, rows*Width, x, w, out)
		k.ReadoutBack(rows, out, w, x, d, dw)
		return slices.Concat(out, d, dw)
	}
	if !slices.Equal(run(wide), run(narrow)) {
		t.Error("AVX-512 and AVX2 differ")
	}
}

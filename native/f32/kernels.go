package f32

import "unsafe"

// Width is the number of columns of a panel.
const Width = 32

// Lane is what the length of flat arrays must be a multiple of.
const Lane = 16

// Near is the number of neighbours that [Kernels.Aggregate] has room for in a row.
const Near = 16

const (
	errShort  = "f32: operand too short"
	errLength = "f32: length is not a multiple of the lane width"
)

// A tile computes rows x 32 elements of a product:
//
//	C[i,j] = from[i*apart, j] + sum over p < kp, k < kin of A[i, p, k] * B[p*kin + k, j]
//
// and then the tiles-1 next to it likewise; apart is in bytes. The tiles called N
// read A by rows, element (i, k) at 32*i + k; those called T by columns, at
// i + 32*k. After each panel a advances by jump bytes more. Meanwhile they fetch
// memory from ahead on into the cache: in a turn of the inner loop the N tiles a line,
// the T tiles two, and then ahead advances by step bytes.
type tile func(tiles, kp, kin int, a *float32, jump int, b, from *float32, apart int, c, ahead *float32, step int)

// Kernels is the arithmetic of one instruction set. It holds no state and may be
// shared between goroutines.
type Kernels struct {
	name         string
	lanes        int    // float32 in a register, 1 without SIMD
	tileN, tileT []tile // by rows, from 1
	terms        int    // in a turn of the tiles' inner loop

	transpose    func(src, dst *float32)
	normForward  func(rows int, inv, inv1, momentum, eps float32, y, gamma, beta, runMean, runVar, mean, invstd, scale, shift, out *float32)
	affineReLU   func(rows int, y, scale, shift, out *float32)
	normBack     func(rows int, inv float32, y, mean, invstd, scale, shift, d, dgamma, dbeta *float32)
	normBackNear func(rows int, self float32, count, near *int32, x *float32, inv float32, y, mean, invstd, scale, shift, d, dgamma, dbeta, eps *float32)
	aggregate    func(rows int, self float32, count, near *int32, x, out *float32)
	dot          func(n int, x, y *float32) float32
	adam         func(n int, clip, m1, v1, v2, step, root, eps float32, p, g, m, v *float32)
	exp          func(n int, x, out *float32)
	tanh         func(n int, x, out *float32)
	crossEntropy func(n int, x, y, w, g *float32) float32
	normal       func(n int, k0, k1, c0, c1 uint32, out *float32)
	dropout      func(n int, k0, k1, c0, c1 uint32, keep, scale float32, out *float32)
	latent       func(rows int, head, noise, keep, sigma, z *float32) float32
	latentBack   func(rows int, weight float32, head, dz, noise, keep, sigma, dhead, sum *float32)
	nodeSums     func(graphs, nodes int, x, sum, sq *float32)
	gram         func(graphs, nodes int, z, out *float32)
	gramBack     func(graphs, nodes int, z, out, dz *float32)
	pause        func()
	peak         func(turns int) float32
	nearest      scan
	readout      func(rows, panels, stride int, x, w, out *float32)
	readoutBack  func(rows int, e, w, h, d, dw *float32)
}

// Name is the instruction set: "avx512", "avx2" or "go".
func (k *Kernels) Name() string { return k.name }

// Panels is the number of panels that hold n columns.
func Panels(n int) int { return (n + Width - 1) / Width }

// Mul computes one panel of C = A B + bias. A has rows rows; its first kp panels
// are used, kin columns of each, and start stride elements apart. B is kp*kin
// rows of 32, bias one row, c gets rows rows. Meanwhile the slices ahead are brought
// into the cache: memory that the caller will use next.
func (k *Kernels) Mul(rows, kp, kin int, a []float32, stride int, b, bias, c []float32, ahead ...[]float32) {
	if rows == 0 {
		return
	}
	if len(a) < (kp-1)*stride+(rows-1)*Width+kin || len(b) < kp*kin*Width || len(bias) < Width || len(c) < rows*Width {
		panic(errShort)
	}
	if len(ahead) == 0 {
		ahead = none[:]
	}
	// As many parts of the rows, of whole tiles, fetch one slice each.
	first, high := 0, len(k.tileN)-1
	for i, next := range ahead {
		end := rows * (i + 1) / len(ahead)
		if end < rows {
			end = end / high * high
		}
		if first < end {
			k.tiles(k.tileN, end-first, kp, kin, &a[first*Width], Width, 4*(stride-kin), &b[0], &bias[0], 0, &c[first*Width], next)
			first = end
		}
	}
}

// none is what a product fetches that is not told to.
var none [1][]float32

// MulT computes C = Aᵀ B for one panel of B. Both have rows rows; of A's first kp
// panels, stride elements apart, kin columns each are used, so c gets kp*kin rows.
func (k *Kernels) MulT(rows, kp, kin int, a []float32, stride int, b, c []float32) {
	if kp*kin == 0 {
		return
	}
	if rows == 0 {
		clear(c[:kp*kin*Width])
		return
	}
	if len(a) < (kp-1)*stride+(rows-1)*Width+kin || len(b) < rows*Width || len(c) < kp*kin*Width {
		panic(errShort)
	}
	// Every tile reads all of two panels, which together do not fit into the nearest
	// cache: some rows after the others do, with those of the next panel, that come in
	// meanwhile. C goes through memory between them, which changes no bits.
	blocks := (rows + rowsNear - 1) / rowsNear
	for i := range blocks {
		first, end := i*rows/blocks, (i+1)*rows/blocks
		for q := range kp {
			to, from, apart := &c[q*kin*Width], &zeros[0], 0
			if i > 0 {
				from, apart = to, 4*Width
			}
			var next []float32
			if q+1 < kp {
				next = a[(q+1)*stride+first*Width:][:(end-first-1)*Width+kin]
			}
			k.tiles(k.tileT, kin, 1, end-first, &a[q*stride+first*Width], 1, 0, &b[first*Width], from, apart, to, next)
		}
	}
}

// rowsNear is how many rows of three panels fit well into the nearest cache, with a
// panel of their product.
const rowsNear = 80

// zeros is the bias of a product that has none.
var zeros [Width]float32

// tiles cuts n rows into the fewest tiles, evenly: some of a size, and the others
// one smaller. Row i of A is shift*i elements behind a.
func (k *Kernels) tiles(t []tile, n, kp, kin int, a *float32, shift, jump int, b, from *float32, apart int, c *float32, ahead []float32) {
	most := len(t) - 1
	tiles := (n + most - 1) / most
	small, large := n/tiles, n%tiles
	next, step, turns := b, 0, max(kp*(kin/k.terms), 1) // turns of the inner loop in a tile
	if len(ahead) > 0 {
		next, step = &ahead[0], max(4*len(ahead)/(tiles*turns), 1)
	}
	if large > 0 {
		t[small+1](large, kp, kin, a, jump, b, from, apart, c, next, step)
		first := large * (small + 1)
		a, from, c = at(a, shift*first), at(from, apart/4*first), at(c, Width*first)
		if len(ahead) > 0 {
			next = at(next, min(large*turns*step/4, len(ahead)-1))
		}
	}
	t[small](tiles-large, kp, kin, a, jump, b, from, apart, c, next, step)
}

func at(p *float32, i int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*i)) }

func panel(rows int, s []float32) *float32 {
	if len(s) < rows*Width || rows <= 0 {
		panic(errShort)
	}
	return &s[0]
}

func flat(n int, s []float32) *float32 {
	if len(s) < n || n == 0 {
		panic(errShort)
	}
	return &s[0]
}

func lanes(n, multiple int) int {
	if n%multiple != 0 {
		panic(errLength)
	}
	return n
}

// Transpose writes the transpose of the 32 x 32 block src to dst.
func (k *Kernels) Transpose(src, dst []float32) {
	k.transpose(panel(Width, src), panel(Width, dst))
}

// Aggregate is out[r] = self*x[r] + the sum of x[j] over the neighbours j of r.
// Row r has count[r] of them; near[Near*r+i] is the byte offset 128*j of the i-th.
func (k *Kernels) Aggregate(rows int, self float32, count, near []int32, x, out []float32) {
	if len(count) < rows || len(near) < Near*rows {
		panic(errShort)
	}
	k.aggregate(rows, self, &count[0], &near[0], panel(rows, x), panel(rows, out))
}

// Dot is the sum of x*y. The length is a multiple of Lane.
func (k *Kernels) Dot(x, y []float32) float32 {
	n := lanes(len(x), Lane)
	if n == 0 {
		return 0
	}
	return k.dot(n, flat(n, x), flat(n, y))
}

// AdamStep holds the numbers of one update, equal for all parameters: the factor
// Clip on gradients, 1-beta1, beta2, 1-beta2, the step size over 1-beta1^t, the
// square root of 1/(1-beta2^t), and epsilon.
type AdamStep struct {
	Clip, M1, V1, V2, Step, Root, Eps float32
}

// Adam updates the parameters p and the moments m, v by the gradients g:
//
//	g = Clip*g; m += M1*(g - m); v = V1*v + V2*g*g; p -= Step * m / (Root*sqrt(v) + Eps)
//
// The length is a multiple of Lane.
func (k *Kernels) Adam(s AdamStep, p, g, m, v []float32) {
	n := lanes(len(p), Lane)
	if n == 0 {
		return
	}
	k.adam(n, s.Clip, s.M1, s.V1, s.V2, s.Step, s.Root, s.Eps, flat(n, p), flat(n, g), flat(n, m), flat(n, v))
}

// Exp is out = e^x with x clamped to [-87, 88]. The length is a multiple of Lane.
func (k *Kernels) Exp(x, out []float32) {
	n := lanes(len(x), Lane)
	if n > 0 {
		k.exp(n, flat(n, x), flat(n, out))
	}
}

// Tanh is out = tanh x. The length is a multiple of Lane.
func (k *Kernels) Tanh(x, out []float32) {
	n := lanes(len(x), Lane)
	if n > 0 {
		k.tanh(n, flat(n, x), flat(n, out))
	}
}

// CrossEntropy is the weighted binary cross-entropy of logits x and targets y,
//
//	sum of w * (log(1 + e^x) - x*y)
//
// and sets g to its gradient w*(sigmoid(x) - y). The length is a multiple of
// Lane; pad with weight 0.
func (k *Kernels) CrossEntropy(x, y, w, g []float32) float32 {
	n := lanes(len(x), Lane)
	if n == 0 {
		return 0
	}
	return k.crossEntropy(n, flat(n, x), flat(n, y), flat(n, w), flat(n, g))
}

// Gram appends, for each of graphs graphs of nodes nodes, the products z[i]·z[j],
// i < j, row by row, to out. Rows of z are 32 apart and 16 long.
func (k *Kernels) Gram(graphs, nodes int, z, out []float32) {
	if graphs > 0 && nodes > 1 {
		k.gram(graphs, nodes, panel(graphs*nodes, z), flat(graphs*nodes*(nodes-1)/2, out))
	}
}

// GramBack adds the gradient of Gram to dz: w[ij]*z[j] to row i, w[ij]*z[i] to row j.
func (k *Kernels) GramBack(graphs, nodes int, z, w, dz []float32) {
	if graphs > 0 && nodes > 1 {
		k.gramBack(graphs, nodes, panel(graphs*nodes, z), flat(graphs*nodes*(nodes-1)/2, w), panel(graphs*nodes, dz))
	}
}

// Pause tells the processor that the caller spins.
func (k *Kernels) Pause() { k.pause() }

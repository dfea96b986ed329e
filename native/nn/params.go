package nn

import (
	"fmt"
	"math"

	"arch2vec/native/f32"
)

// Params is the flat store of a network's parameters, their gradients, and
// Adam's two moments. Layers reserve slots in it, in the layout their kernels
// want; [Params.Tensors] names them in the usual row-major layout. Padding in a
// slot is zero and stays zero, because its gradient is.
//
// The store is cut into Parts pieces. What belongs to a panel of a layer's output
// is in the piece of that panel, so that the thread that computed a gradient is
// the one that uses it.
type Params struct {
	Value, Grad, M, V []float32
	size, base        [Parts]int
	tensors           []Tensor
	copies            [Parts][]derived
	arena             f32.Arena
}

// Parts is the number of pieces into which work over the whole store is cut.
// It is fixed, so that sums do not depend on the number of threads.
const Parts = 4

// partOf is the piece that panel p of panels belongs to.
func partOf(p, panels int) int { return p * Parts / panels }

// panelsOf bounds the panels, of n, that belong to pieces first to end-1.
func panelsOf(first, end, n int) (lo, hi int) {
	return (first*n + Parts - 1) / Parts, (end*n + Parts - 1) / Parts
}

// derived is something that a layer keeps ready of its slot's values: renew brings
// it up to date.
type derived struct {
	slot  Slot
	renew func(k *f32.Kernels)
}

// Slot is a piece of Params, aligned to a cache line.
type Slot struct {
	p            *Params
	part, off, n int
}

// Tensor is a named parameter in row-major layout.
type Tensor struct {
	Name  string
	Shape []int
	index func(i int) int // row-major position -> position in the flat store
}

// Len is the number of elements.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

func (p *Params) reserve(part, n int) Slot {
	s := Slot{p, part, p.size[part], n}
	p.size[part] += (n + f32.Lane - 1) / f32.Lane * f32.Lane
	return s
}

// derive has renew called whenever the slot's values have changed.
func (s Slot) derive(renew func(k *f32.Kernels)) {
	s.p.copies[s.part] = append(s.p.copies[s.part], derived{s, renew})
}

// first is the position of the slot in the flat store, once that is allocated.
func (s Slot) first() int { return s.p.base[s.part] + s.off }

func (p *Params) name(name string, index func(i int) int, shape ...int) {
	p.tensors = append(p.tensors, Tensor{name, shape, index})
}

// Scalar reserves one named parameter that belongs to no layer.
func (p *Params) Scalar(name string) Slot {
	s := p.reserve(0, 1)
	p.name(name, func(i int) int { return s.first() + i }, 1)
	return s
}

// Allocate makes the store, zeroed, once all layers have reserved their slots.
// With gradients false it holds values only.
func (p *Params) Allocate(gradients bool) {
	size := 0
	for i, n := range p.size {
		p.base[i] = size
		size += n
	}
	p.Value = p.arena.Align(size)
	if gradients {
		p.Grad, p.M, p.V = p.arena.Align(size), p.arena.Align(size), p.arena.Align(size)
	}
}

// Value is the slot's values, Grad its gradients.
func (s Slot) Value() []float32 { return s.p.Value[s.first():][:s.n] }

// Grad is the gradient of the slot's values.
func (s Slot) Grad() []float32 { return s.p.Grad[s.first():][:s.n] }

// Tensors lists the parameters in the order in which layers were made.
func (p *Params) Tensors() []Tensor { return p.tensors }

// Count is the number of parameters, padding excluded.
func (p *Params) Count() int {
	n := 0
	for _, t := range p.tensors {
		n += t.Len()
	}
	return n
}

// Get copies a tensor out of one of the flat stores (Value, Grad, M or V).
func (p *Params) Get(store []float32, t Tensor) []float32 {
	out := make([]float32, t.Len())
	for i := range out {
		out[i] = store[t.index(i)]
	}
	return out
}

// Set copies a tensor into one of the flat stores.
func (p *Params) Set(store []float32, t Tensor, data []float32) error {
	if len(data) != t.Len() {
		return fmt.Errorf("nn: %s has %d elements, not %d", t.Name, t.Len(), len(data))
	}
	for i, v := range data {
		store[t.index(i)] = v
	}
	return nil
}

// Adam holds the settings of the optimiser (Kingma, Ba: Adam, 2015).
type Adam struct {
	Beta1, Beta2, Eps float64
	Clip              float64 // bound on the gradient's Euclidean norm; 0: none
}

// Step returns the numbers of update t (from 1) at a learning rate, given the
// square of the gradient's norm.
func (a Adam) Step(t int, rate, norm2 float64) f32.AdamStep {
	clip := 1.0
	if a.Clip > 0 {
		clip = min(1, a.Clip/(math.Sqrt(norm2)+1e-6))
	}
	return f32.AdamStep{
		Clip: float32(clip),
		M1:   float32(1 - a.Beta1),
		V1:   float32(a.Beta2),
		V2:   float32(1 - a.Beta2),
		Step: float32(rate / (1 - math.Pow(a.Beta1, float64(t)))),
		Root: float32(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(t)))),
		Eps:  float32(a.Eps),
	}
}

// Part returns the bounds of piece i of Parts of the flat store.
func (p *Params) Part(i int) (lo, hi int) { return p.base[i], p.base[i] + p.size[i] }

// Norm2 is the sum of squares of the gradient in piece i.
func (p *Params) Norm2(k *f32.Kernels, i int) float64 {
	lo, hi := p.Part(i)
	return float64(k.Dot(p.Grad[lo:hi], p.Grad[lo:hi]))
}

// Update applies one Adam step to piece i, and renews what layers derive from it:
// each copy as soon as its slot is done, which is near then.
func (p *Params) Update(k *f32.Kernels, s f32.AdamStep, i int) {
	lo, hi := p.Part(i)
	adam := func(to int) {
		k.Adam(s, p.Value[lo:to], p.Grad[lo:to], p.M[lo:to], p.V[lo:to])
		lo = to
	}
	for _, c := range p.copies[i] {
		adam(c.slot.first() + c.slot.n)
		c.renew(k)
	}
	adam(hi)
}

// Refresh renews what layers derive from their parameters, after these were set
// from outside.
func (p *Params) Refresh(k *f32.Kernels) {
	for _, part := range p.copies {
		for _, c := range part {
			c.renew(k)
		}
	}
}

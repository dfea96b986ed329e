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
type Params struct {
	Value, Grad, M, V []float32
	size              int
	tensors           []Tensor
}

// Slot is a part of Params, aligned to a cache line.
type Slot struct {
	p      *Params
	off, n int
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

func (p *Params) reserve(n int) Slot {
	s := Slot{p, p.size, n}
	p.size += (n + f32.Lane - 1) / f32.Lane * f32.Lane
	return s
}

func (p *Params) name(name string, index func(i int) int, shape ...int) {
	p.tensors = append(p.tensors, Tensor{name, shape, index})
}

// Scalar reserves one named parameter that belongs to no layer.
func (p *Params) Scalar(name string) Slot {
	s := p.reserve(1)
	p.name(name, func(i int) int { return s.off + i }, 1)
	return s
}

// Allocate makes the store, zeroed, once all layers have reserved their slots.
// With gradients false it holds values only.
func (p *Params) Allocate(gradients bool) {
	p.Value = f32.Align(p.size)
	if gradients {
		p.Grad, p.M, p.V = f32.Align(p.size), f32.Align(p.size), f32.Align(p.size)
	}
}

// Value is the slot's values, Grad its gradients.
func (s Slot) Value() []float32 { return s.p.Value[s.off : s.off+s.n] }

// Grad is the gradient of the slot's values.
func (s Slot) Grad() []float32 { return s.p.Grad[s.off : s.off+s.n] }

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

// Parts is the number of pieces into which work over the whole store is cut.
// It is fixed, so that sums do not depend on the number of threads.
const Parts = 4

// Part returns the bounds of piece i of Parts of the flat store.
func (p *Params) Part(i int) (lo, hi int) {
	lines := p.size / f32.Lane
	return lines * i / Parts * f32.Lane, lines * (i + 1) / Parts * f32.Lane
}

// Norm2 is the sum of squares of the gradient in piece i.
func (p *Params) Norm2(k *f32.Kernels, i int) float64 {
	lo, hi := p.Part(i)
	return float64(k.Dot(p.Grad[lo:hi], p.Grad[lo:hi]))
}

// Update applies one Adam step to piece i.
func (p *Params) Update(k *f32.Kernels, s f32.AdamStep, i int) {
	lo, hi := p.Part(i)
	k.Adam(s, p.Value[lo:hi], p.Grad[lo:hi], p.M[lo:hi], p.V[lo:hi])
}

package search

import (
	"math"
	"math/rand/v2"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// predictor is a network of fully connected layers with ReLU between, and one
// number as its output. A layer's units are the columns of one panel (package f32),
// so that it can have 32 at most.
type predictor struct {
	k                 *f32.Kernels
	layers, width     int
	panels, perPanel  int // of the input
	param, grad, m, v []float32
	steps             int
	rows              int // capacity
	x                 []float32
	act, delta        [][]float32 // of each layer, rows of 32
	transposed        []float32
}

// newPredictor returns a network with Glorot's uniform initial weights, and no
// biases, for batches of up to rows inputs.
func newPredictor(k *f32.Kernels, inputs, layers, width, rows int, rng *rand.Rand) *predictor {
	p := &predictor{k: k, layers: layers, width: width, rows: rows, panels: f32.Panels(inputs), perPanel: f32.Width}
	size := p.offset(layers) + (width+1)*f32.Width
	p.param, p.grad, p.m, p.v = f32.Align(size), f32.Align(size), f32.Align(size), f32.Align(size)
	for l := range layers + 1 {
		in, out := width, width
		if l == 0 {
			in = inputs
		}
		if l == layers {
			out = 1
		}
		bound := math.Sqrt(6 / float64(in+out))
		w, _ := p.layer(p.param, l)
		for i := range in {
			for j := range out {
				w[i*f32.Width+j] = float32(bound * (2*rng.Float64() - 1))
			}
		}
	}
	p.x = f32.Align(p.panels * rows * f32.Width)
	for range layers + 1 {
		p.act = append(p.act, f32.Align(rows*f32.Width))
		p.delta = append(p.delta, f32.Align(rows*f32.Width))
	}
	p.transposed = f32.Align(f32.Width * f32.Width)
	return p
}

// offset is where the parameters of layer l begin.
func (p *predictor) offset(l int) int {
	if l == 0 {
		return 0
	}
	return (p.panels*p.perPanel + 1 + (l-1)*(p.width+1)) * f32.Width
}

// layer returns weights, a row of 32 an input, and biases of a layer.
func (p *predictor) layer(store []float32, l int) (weights, bias []float32) {
	rows := p.width
	if l == 0 {
		rows = p.panels * p.perPanel
	}
	at := p.offset(l)
	return store[at : at+rows*f32.Width], store[at+rows*f32.Width : at+(rows+1)*f32.Width]
}

// input sets row r of the batch to zeros, but ones at these bits.
func (p *predictor) input(r int, bits []int) {
	for q := range p.panels {
		clear(p.x[(q*p.rows+r)*f32.Width:][:f32.Width])
	}
	for _, b := range bits {
		p.x[(b/f32.Width*p.rows+r)*f32.Width+b%f32.Width] = 1
	}
}

// forward computes the outputs of the batch's first rows.
func (p *predictor) forward(rows int, out []float64) {
	for l := range p.layers + 1 {
		w, b := p.layer(p.param, l)
		if l == 0 {
			p.k.Mul(rows, p.panels, p.perPanel, p.x, p.rows*f32.Width, w, b, p.act[0], nil)
		} else {
			p.k.Mul(rows, 1, p.width, p.act[l-1], 0, w, b, p.act[l], nil)
		}
		if l < p.layers {
			a := p.act[l][:rows*f32.Width]
			for i, v := range a {
				a[i] = max(v, 0)
			}
		}
	}
	for r := range rows {
		out[r] = float64(p.act[p.layers][r*f32.Width])
	}
}

// backward computes the gradient of all parameters from that of the outputs, after
// forward with as many rows.
func (p *predictor) backward(rows int, dout []float64) {
	for l := p.layers; l >= 0; l-- {
		d := p.delta[l][:rows*f32.Width]
		if l == p.layers {
			clear(d)
			for r := range rows {
				d[r*f32.Width] = float32(dout[r])
			}
		} else {
			w, _ := p.layer(p.param, l+1)
			clear(p.transposed)
			for i := range p.width {
				for j := range p.width {
					p.transposed[j*f32.Width+i] = w[i*f32.Width+j]
				}
			}
			p.k.Mul(rows, 1, p.width, p.delta[l+1], 0, p.transposed, noBias[:], d, nil)
			for i, a := range p.act[l][:rows*f32.Width] {
				if a <= 0 {
					d[i] = 0
				}
			}
		}
		dw, db := p.layer(p.grad, l)
		if l == 0 {
			p.k.MulT(rows, p.panels, p.perPanel, p.x, p.rows*f32.Width, d, dw)
		} else {
			p.k.MulT(rows, 1, p.width, p.act[l-1], 0, d, dw)
		}
		clear(db)
		for i, v := range d {
			db[i%f32.Width] += v
		}
	}
}

var noBias [f32.Width]float32

// fit trains on inputs and targets by Adam, to the mean absolute percentage error of
// BANANAS,
//
//	1/n sum |(output - floor) / (target - floor) - 1|
//
// which weighs errors near the floor, below all targets, the most.
func (p *predictor) fit(inputs [][]int, targets []float64, floor, rate float64, epochs, batch int, rng *rand.Rand) {
	adam := nn.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	out, dout := make([]float64, batch), make([]float64, batch)
	for range epochs {
		order := rng.Perm(len(inputs))
		for len(order) > 0 {
			n := min(batch, len(order))
			for r, i := range order[:n] {
				p.input(r, inputs[i])
			}
			p.forward(n, out)
			for r, i := range order[:n] {
				scale := 1 / (targets[i] - floor)
				dout[r] = math.Copysign(scale/float64(n), (out[r]-floor)*scale-1)
			}
			p.backward(n, dout)
			p.steps++
			p.k.Adam(adam.Step(p.steps, rate, 0), p.param, p.grad, p.m, p.v)
			order = order[n:]
		}
	}
}

package graphae

import (
	"math"

	"arch2vec/native/nn"
)

// reference is the model in plain float64 loops, written from the equations and
// from nothing else here: what the fast code is compared with.
type reference struct {
	shape
	cfg    Config
	tensor map[string][]float64
	// batch, unless nil, is told the statistics of a BatchNorm's batch.
	batch func(name string, channel int, mean, variance float64)
}

func newReference(n *network, c Config) *reference {
	r := &reference{shape: n.shape, cfg: c, tensor: map[string][]float64{}}
	set := func(name string, data []float32) {
		for _, v := range data {
			r.tensor[name] = append(r.tensor[name], float64(v))
		}
	}
	for _, t := range n.params.Tensors() {
		set(t.Name, n.params.Get(n.params.Value, t))
	}
	n.encoder.state(set)
	return r
}

func (r *reference) linear(name string, x [][]float64) [][]float64 {
	w, b := r.tensor[name+".weight"], r.tensor[name+".bias"]
	y := make([][]float64, len(x))
	for i, row := range x {
		y[i] = append([]float64(nil), b...)
		for o := range b {
			for j, v := range row {
				y[i][o] += w[o*len(row)+j] * v
			}
		}
	}
	return y
}

func (r *reference) normReLU(name string, y [][]float64, training bool) [][]float64 {
	out := make([][]float64, len(y))
	for i := range y {
		out[i] = make([]float64, len(y[i]))
	}
	for c := range y[0] {
		mean, variance := 0.0, 0.0
		if training {
			for i := range y {
				mean += y[i][c] / float64(len(y))
			}
			for i := range y {
				variance += (y[i][c] - mean) * (y[i][c] - mean) / float64(len(y))
			}
			if r.batch != nil {
				r.batch(name, c, mean, variance)
			}
		} else {
			mean, variance = r.tensor[name+".running_mean"][c], r.tensor[name+".running_var"][c]
		}
		for i := range y {
			v := r.tensor[name+".weight"][c]*(y[i][c]-mean)/math.Sqrt(variance+1e-5) + r.tensor[name+".bias"][c]
			out[i][c] = max(0, v)
		}
	}
	return out
}

// convolve is Ã h, where near lists the neighbours of each node.
func (r *reference) convolve(near [][]int, h [][]float64) [][]float64 {
	out := make([][]float64, len(h))
	degree := func(v int) float64 { return float64(len(near[v])) + r.cfg.SelfLoop }
	for v := range h {
		out[v] = make([]float64, len(h[v]))
		for c := range out[v] {
			out[v][c] = r.cfg.SelfLoop * h[v][c] / degree(v)
			for _, u := range near[v] {
				out[v][c] += h[u][c] / math.Sqrt(degree(v)*degree(u))
			}
		}
	}
	return out
}

// encode is the input of the heads for the cells of d, a row a node, and the
// operations of the nodes.
func (r *reference) encode(d *dataset, cells []int32, training bool) (h [][]float64, op []int) {
	N := r.nodes
	var x [][]float64
	var near [][]int
	for g, c := range cells {
		for v := range N {
			row := make([]float64, r.inputs())
			o := int(d.op[int(c)*N+v])
			if o >= 0 {
				row[o] = 1
			}
			if t := int(d.twin[int(c)*N+v]); r.twins && t > 0 {
				row[r.ops+t-1] = 1
			}
			x, op = append(x, row), append(op, o)
			var js []int
			for u := range N {
				if d.near[int(c)*N+v]>>u&1 == 1 {
					js = append(js, g*N+u)
				}
			}
			near = append(near, js)
		}
	}
	h = x
	for i := range r.layers {
		if r.convolves() {
			h = r.convolve(near, h)
			name := "encoder.gcn." + string(rune('0'+i)) + "."
			h = r.normReLU(name+"norm", r.linear(name+"linear", h), training)
			continue
		}
		name := "encoder.gin." + string(rune('0'+i)) + "."
		agg := make([][]float64, len(h))
		for v := range h {
			agg[v] = make([]float64, len(h[v]))
			for c := range h[v] {
				agg[v][c] = (1 + r.tensor[name+"eps"][0]) * h[v][c]
				for _, u := range near[v] {
					agg[v][c] += h[u][c]
				}
			}
		}
		a := r.normReLU(name+"norm1", r.linear(name+"linear1", agg), training)
		h = r.normReLU(name+"norm2", r.linear(name+"linear2", a), training)
	}
	if r.convolves() {
		h = r.convolve(near, h)
	}
	return h, op
}

// loss is the training objective for the cells of d, with the noise and the
// dropout factors that were drawn for them (rows x latent), nil in evaluation.
func (r *reference) loss(d *dataset, cells []int32, noise, keep [][]float64) (loss float64, mu [][]float64) {
	training := noise != nil
	N, K := r.nodes, r.ops
	h, op := r.encode(d, cells, training)
	mu = r.linear("encoder.mu", h)
	ls := r.linear("encoder.log_sigma", h)
	z := make([][]float64, len(mu))
	kl := 0.0
	for v := range mu {
		z[v] = append([]float64(nil), mu[v]...)
		for c := range mu[v] {
			if !r.samples() {
				if training {
					z[v][c] *= keep[v][c]
				}
				continue
			}
			sd := math.Exp(ls[v][c])
			kl += -0.5 * (1 + 2*ls[v][c] - mu[v][c]*mu[v][c] - sd*sd)
			if training {
				z[v][c] = (mu[v][c] + sd*noise[v][c]) * keep[v][c]
			}
		}
	}
	M := float64(len(mu))
	kl *= r.cfg.Beta / M
	if r.cfg.PublishedKL {
		kl /= M
	}
	ops := 0.0
	for v, row := range r.linear("decoder.ops", z) {
		if r.cfg.OpsLoss == opsSoftmax {
			if op[v] < 0 {
				continue
			}
			sum := 0.0
			for _, l := range row {
				sum += math.Exp(l)
			}
			ops += (math.Log(sum) - row[op[v]]) / M
			continue
		}
		for c, l := range row {
			is := 0.0
			if c == op[v] {
				is = 1
			}
			ops += bce(l, is) / (M * float64(K))
		}
	}
	edges := 0.0
	for g := range cells {
		for i := range N {
			for j := i + 1; j < N; j++ {
				s := 0.0
				for c := range r.latent {
					s += z[g*N+i][c] * z[g*N+j][c]
				}
				is, weight := float64(d.near[int(cells[g])*N+i]>>j&1), 1.0
				if is == 0 {
					weight = r.cfg.NonEdgeWeight
				}
				edges += weight * bce(s, is) / float64(len(cells)*N*N)
			}
		}
	}
	return r.cfg.OpsWeight*ops + r.cfg.EdgeWeight*edges + kl, mu
}

// bce is binary cross-entropy, -t log(sigmoid(l)) - (1-t) log(1 - sigmoid(l)),
// in the form that stays finite for large l.
func bce(l, t float64) float64 { return max(l, 0) - l*t + math.Log1p(math.Exp(-math.Abs(l))) }

// drawn reads back the noise and dropout factors of the last step.
func drawn(s *stepper) (noise, keep [][]float64) {
	for i := range nn.Parts {
		p := &s.ws.parts[i]
		for r := range (p.g1 - p.g0) * s.net.nodes {
			var e, m []float64
			for d := range s.net.latent {
				e, m = append(e, float64(p.noise[r*maxLatent+d])), append(m, float64(p.keep[r*maxLatent+d]))
			}
			noise, keep = append(noise, e), append(keep, m)
		}
	}
	return noise, keep
}

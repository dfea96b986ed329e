package graphae

import (
	"math"

	"arch2vec/native/f32"
)

// heads runs part i of the batch through heads, noise, decoder and losses, and
// back to the gradient of the heads' output.
func (s *stepper) heads(p *part, i int) {
	n, w, k := s.net, s.ws, s.net.k
	r0, rows := p.g0*n.nodes, (p.g1-p.g0)*n.nodes
	if rows == 0 {
		p.ops, p.edges, p.kl = 0, 0, 0
		clear(p.dw)
		clear(p.db)
		clear(p.dhb)
		return
	}
	from := func(x []float32) []float32 { return x[r0*f32.Width:] }
	head, z, dz := from(w.head), from(w.z), from(w.dz)
	n.heads.Forward(k, 0, rows, from(w.h), w.stride, head)
	s.sample(p, i, rows, head, z)

	n.decoder.Forward(k, 0, rows, z, w.stride, from(w.logit))
	if s.cfg.OpsLoss == opsSoftmax {
		s.opsSoftmax(p, rows, w.op[r0:], from(w.logit))
	} else {
		s.opsSigmoid(p, rows, w.op[r0:], from(w.logit))
	}
	dl := from(w.dl)
	width := up(n.ops, 4)
	clear(p.db)
	for r := range rows {
		d := dl[r*f32.Width:][:width]
		clear(d[n.ops:])
		copy(d, p.g[r*n.ops:(r+1)*n.ops])
		for c, v := range d {
			p.db[c] += v
		}
	}
	k.MulT(rows, 1, up(n.latent, 4), z, 0, dl, p.dw)
	n.decoder.BackInput(k, 0, rows, dl, w.stride, dz)

	s.edges(p, z, dz)
	k.LatentBack(rows, float32(s.klWeight()), head, dz, p.noise, p.keep, p.sigma, from(w.dhead), p.dhb)
}

// sample draws z = (mu + exp(log sigma) * noise) * dropout in training, and sets
// z = mu otherwise. It adds mu to the statistics that the prior is made from.
func (s *stepper) sample(p *part, i, rows int, head, z []float32) {
	n, k := s.net, s.net.k
	size := up(rows, 2) * maxLatent
	switch {
	case s.training:
		at := uint32(i) << 24
		if n.samples() {
			k.Normal(s.noiseKey, uint32(s.count), at, p.noise[:size])
		}
		k.Dropout(s.dropKey, uint32(s.count), at, float32(1-s.drop), p.keep[:size])
		s.narrow(p.keep[:size])
	case !p.constant:
		clear(p.noise)
		for j := range p.keep {
			p.keep[j] = 1
		}
	}
	p.constant = !s.training
	p.kl = -s.klWeight() / 2 * float64(k.Latent(rows, head, p.noise, p.keep, p.sigma, z))

	k.NodeSums(p.g1-p.g0, n.nodes, head, p.nodes[0], p.nodes[1])
	for v := range n.nodes {
		sum, sq := p.nodes[0][v*maxLatent:][:n.latent], p.nodes[1][v*maxLatent:][:n.latent]
		to, to2 := p.sum[v*n.latent:][:n.latent], p.sum2[v*n.latent:][:n.latent]
		for d := range sum {
			to[d] += float64(sum[d])
			to2[d] += float64(sq[d])
		}
	}
}

// narrow drops the dimensions beyond the latent one: rows are 16 wide.
func (s *stepper) narrow(keep []float32) {
	if l := s.net.latent; l < maxLatent {
		for ; len(keep) > 0; keep = keep[maxLatent:] {
			clear(keep[l:maxLatent])
		}
	}
}

// klWeight is the factor on the divergence of one node.
func (s *stepper) klWeight() float64 {
	if !s.net.samples() {
		return 0
	}
	w := s.cfg.Beta / float64(s.ws.rows)
	if s.cfg.PublishedKL {
		w /= float64(s.ws.rows)
	}
	return w
}

// opsSigmoid is the binary cross-entropy of the operations' logits, a mean over
// all entries; rows of absent nodes have target 0 everywhere.
func (s *stepper) opsSigmoid(p *part, rows int, op []int8, logit []float32) {
	n := s.net
	size := up(rows*n.ops, f32.Lane)
	s.weights(p, rows)
	clear(p.y[:size])
	for r := range rows {
		copy(p.x[r*n.ops:(r+1)*n.ops], logit[r*f32.Width:])
		if op[r] >= 0 {
			p.y[r*n.ops+int(op[r])] = 1
		}
	}
	p.ops = s.crossEntropy(p, size, p.x, p.y, p.w, p.g)
}

// opsSoftmax is the cross-entropy of the operations' softmax, a mean over all
// rows; absent nodes contribute nothing.
func (s *stepper) opsSoftmax(p *part, rows int, op []int8, logit []float32) {
	n := s.net
	size := up(rows*n.ops, f32.Lane)
	s.weights(p, rows)
	for r := range rows {
		x := p.x[r*n.ops : (r+1)*n.ops]
		copy(x, logit[r*f32.Width:])
		most := x[0]
		for _, v := range x {
			most = max(most, v)
		}
		for c := range x {
			x[c] -= most
		}
	}
	n.k.Exp(p.x[:size], p.g[:size])
	scale := s.cfg.OpsWeight / float64(s.ws.rows)
	p.ops = 0
	for r := range rows {
		g := p.g[r*n.ops : (r+1)*n.ops]
		if op[r] < 0 {
			clear(g)
			continue
		}
		var sum float32
		for _, v := range g {
			sum += v
		}
		p.ops += scale * (math.Log(float64(sum)) - float64(p.x[r*n.ops+int(op[r])]))
		f := float32(scale) / sum
		for c := range g {
			g[c] *= f
		}
		g[op[r]] -= float32(scale)
	}
}

// edges is the binary cross-entropy of z_i·z_j for i < j. Its denominator counts
// all N x N entries of the matrix, as the published code's, which zeroes the
// others but averages over them.
func (s *stepper) edges(p *part, z, dz []float32) {
	n, k := s.net, s.net.k
	graphs := p.g1 - p.g0
	pairs := n.nodes * (n.nodes - 1) / 2
	size := up(graphs*pairs, f32.Lane)
	k.Gram(graphs, n.nodes, z, p.px)
	weight := float32(s.ramp * s.cfg.EdgeWeight / float64(s.ws.graphs*n.nodes*n.nodes))
	weights := [2]float32{weight * float32(s.cfg.NonEdgeWeight), weight} // by target
	ij := 0
	for g := p.g0; g < p.g1; g++ {
		for v := g * n.nodes; v < (g+1)*n.nodes-1; v++ {
			near := s.data.near[int(s.cells[g])*n.nodes+v-g*n.nodes]
			for u := v + 1; u < (g+1)*n.nodes; u++ {
				is := near >> (u - g*n.nodes) & 1
				p.py[ij], p.pw[ij] = float32(is), weights[is]
				ij++
			}
		}
	}
	p.edges = s.crossEntropy(p, size, p.px, p.py, p.pw, p.px)
	k.GramBack(graphs, n.nodes, z, p.px, dz)
}

// weights sets the weights of entries in the losses; they change only with the
// size of the batch.
func (s *stepper) weights(p *part, rows int) {
	graphs := p.g1 - p.g0
	if p.sized == [2]int{graphs, s.ws.graphs} {
		return
	}
	p.sized = [2]int{graphs, s.ws.graphs}
	n := s.net
	clear(p.x) // padding stays finite
	clear(p.w)
	clear(p.pw)
	clear(p.px)
	for i := range rows * n.ops {
		p.w[i] = float32(s.cfg.OpsWeight / float64(s.ws.rows*n.ops))
	}
}

// collect adds the parts up, in their order: the loss, and the gradients of the
// decoder and of the heads' bias.
func (s *stepper) collect() {
	n := s.net
	dw, db, dhb := n.decoder.WeightGrad(0)[:up(n.latent, 4)*f32.Width], n.decoder.BiasGrad(0), n.heads.BiasGrad(0)
	s.loss = 0
	for i := range s.ws.parts {
		p := &s.ws.parts[i]
		s.loss += p.ops + p.edges + p.kl
		if i == 0 {
			copy(dw, p.dw)
			copy(db, p.db)
			copy(dhb, p.dhb)
			continue
		}
		add(dw, p.dw)
		add(db, p.db)
		add(dhb, p.dhb)
	}
}

func add(dst, src []float32) {
	for i := range dst {
		dst[i] += src[i]
	}
}

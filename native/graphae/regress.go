package graphae

import "arch2vec/native/f32"

// regress runs part i of the batch through the heads of a supervised network:
//
//	code = mean over nodes of (W h + b),  y = w·(code * m) + c
//
// with m the dropout factor, and back from the mean squared error of y to the
// gradient of the heads' output. It fills the same fields of the part as heads.
func (s *stepper) regress(p *part, i int) {
	n, w, k := s.net, s.ws, s.net.k
	graphs := p.g1 - p.g0
	p.ops, p.edges, p.kl = 0, 0, 0
	clear(p.db)
	clear(p.dhb)
	if graphs == 0 {
		clear(p.dw)
		return
	}
	node, graph := p.g0*n.nodes*f32.Width, p.g0*f32.Width
	head, dhead := w.head[node:], w.dhead[node:]
	z, logit, dl, dz := w.z[graph:], w.logit[graph:], w.dl[graph:], w.dz[graph:]
	n.heads.Forward(k, 0, graphs*n.nodes, w.h[node:], w.stride, head)
	if s.training {
		k.Dropout(s.dropKey, uint32(s.count), uint32(i)<<24, float32(1-s.drop), p.keep[:up(graphs, 2)*maxLatent])
	}
	for g := range graphs {
		code := z[g*f32.Width:][:n.latent]
		n.pool(head, g, code)
		if s.training {
			for d, m := range p.keep[g*maxLatent:][:n.latent] {
				code[d] *= m
			}
		}
	}
	n.decoder.Forward(k, 0, graphs, z, w.stride, logit)
	scale := 1 / float32(w.graphs)
	for g := range graphs {
		e := logit[g*f32.Width] - s.targets[s.cells[p.g0+g]]
		p.ops += float64(scale * e * e)
		dl[g*f32.Width] = 2 * scale * e
		p.db[0] += 2 * scale * e
	}
	k.MulT(graphs, 1, up(n.latent, 4), z, 0, dl, p.dw)
	n.decoder.BackInput(k, 0, graphs, dl, w.stride, dz)
	share := 1 / float32(n.nodes)
	for g := range graphs {
		d := dz[g*f32.Width:][:n.latent]
		for c := range d {
			d[c] *= share
			if s.training {
				d[c] *= p.keep[g*maxLatent+c]
			}
		}
		for v := range n.nodes {
			copy(dhead[(g*n.nodes+v)*f32.Width:], d)
		}
		for c, v := range d {
			p.dhb[c] += v * float32(n.nodes)
		}
	}
}

// pool sets out to the mean of graph g's rows of head.
func (n *network) pool(head []float32, g int, out []float32) {
	clear(out)
	for v := range n.nodes {
		add(out, head[(g*n.nodes+v)*f32.Width:])
	}
	for d := range out {
		out[d] /= float32(n.nodes)
	}
}

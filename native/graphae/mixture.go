package graphae

import (
	"context"
	"math"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/space"
)

// replay draws training cells, equally likely and independently, and encodes
// them: the first stage of drawing from a mixture with a component a cell.
type replay struct {
	m     *Model
	s     space.Space
	train []int32
}

// draw calls use with each of n encoded training cells, several at a time: its
// number, and its rows of 32, mu in the first Dim columns and log sigma from
// column 16 on.
func (r replay) draw(ctx context.Context, n int, seed uint64, threads int, use func(i int, head []float32)) error {
	pick := f32.NewKey(seed, streamPick)
	get := func(i int) cell.Cell {
		a, b := pick.Words(0, uint32(i))
		return r.s.Cell(int(r.train[(uint64(a)<<32|uint64(b))%uint64(len(r.train))]))
	}
	return r.m.each(ctx, threads, n, get, func(f *inference, first, graphs int) {
		nodes := r.m.net.nodes
		for g := range graphs {
			use(first+g, f.head[g*nodes*f32.Width:][:nodes*f32.Width])
		}
	})
}

// posterior is the sampler "posterior".
type posterior struct{ replay }

func (p posterior) points(ctx context.Context, n int, seed uint64, threads int) ([][]float32, error) {
	net := p.m.net
	key := f32.NewKey(seed, streamDraw)
	points := make([][]float32, n)
	err := p.draw(ctx, n, seed, threads, func(i int, head []float32) {
		noise, sigma := f32.Align(up(net.nodes*net.latent, f32.RandomLane)), f32.Align(f32.Width)
		net.k.Normal(key, uint32(i), 0, noise)
		z := make([]float32, 0, net.nodes*net.latent)
		for v := range net.nodes {
			row := head[v*f32.Width:][:f32.Width]
			net.k.Exp(row, sigma)
			if p.m.cfg.Model == "gae" { // its encoder has no sigma
				clear(sigma)
			}
			for d := range net.latent {
				z = append(z, row[d]+sigma[maxLatent+d]*noise[len(z)])
			}
		}
		points[i] = z
	})
	return points, err
}

// smoothed is the sampler "smoothed".
type smoothed struct {
	replay
	around *gaussian
}

// bandwidth is h: 0 stands for the training cells themselves, 1 for one normal. At
// 1/2 most draws are networks of their own, and still as evenly spread over the
// spaces as their cells are.
const bandwidth = 0.5

// points shrinks the training cells towards their mean by as much as the noise
// spreads them (Silverman, Density Estimation, 1986, section 6.4).
func (p smoothed) points(ctx context.Context, n int, seed uint64, threads int) ([][]float32, error) {
	net, g := p.m.net, p.around
	points, err := g.points(ctx, n, seed, threads)
	if err != nil {
		return nil, err
	}
	keep := math.Sqrt(1 - bandwidth*bandwidth)
	err = p.draw(ctx, n, seed, threads, func(i int, head []float32) {
		z := points[i]
		for j := range z {
			mu := float64(head[j/net.latent*f32.Width+j%net.latent])
			z[j] = float32(g.mean[j] + keep*(mu-g.mean[j]) + bandwidth*(float64(z[j])-g.mean[j]))
		}
	})
	return points, err
}

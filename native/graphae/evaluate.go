package graphae

import (
	"context"
	"math"
	"sync"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
)

// EvalOptions says how to measure; the zero value is the paper's protocol.
type EvalOptions struct {
	// Draws is the number of cells drawn from the prior; 0 stands for 10,000.
	Draws int
	// Seed of the draws; 0 stands for the seed of training.
	Seed uint64
	// Threads to use; 0 stands for all. Results do not depend on it.
	Threads int
	// Sampler is the one of [Samplers] that Metrics.Ours is measured with; ""
	// stands for [DefaultSampler].
	Sampler string
	// PaperOnly leaves Metrics.Ours out: for measuring after every epoch.
	PaperOnly bool
}

// Metrics is a row of the pretraining table. All but Loss are percentages.
type Metrics struct {
	// Loss is the mean training loss of the last epoch.
	Loss float64
	// Reconstruction of held-out cells (of all cells when none are held out):
	// the share of nodes whose operation is right, absent nodes not counted; of
	// entries of the strict upper triangle of the adjacency matrix that are right;
	// and of cells that are right in all of them.
	OpsAccuracy, EdgeAccuracy, CellAccuracy float64
	// EdgeProbability and NonEdgeProbability are the mean predicted probabilities
	// of an edge where there is one and where there is none.
	EdgeProbability, NonEdgeProbability float64
	// HeldOut is the number of cells that reconstruction was measured on.
	HeldOut int

	// Draws from the paper's prior, an independent normal per node position and
	// dimension. Validity is the share that the published code accepts,
	// ValidityStrict the share that are cells of the space. Uniqueness is the share
	// of the former that are distinct as they were decoded (up to the order of
	// nodes); UniquenessIso the share of the latter that are distinct networks,
	// after the simplifications of the space.
	Validity, ValidityStrict, Uniqueness, UniquenessIso float64
	// Draws is the number of cells drawn.
	Draws int

	// Ours is what draws of another sampler than the paper's are worth.
	Ours SamplerMetrics
}

// SamplerMetrics are the worth of draws of one sampler, in percent.
type SamplerMetrics struct {
	// Sampler is its name, one of [Samplers].
	Sampler string
	// ValidityStrict is the share of draws that are cells of the space,
	// UniquenessIso the share of these that are distinct networks.
	ValidityStrict, UniquenessIso float64
	// UniformIso is the UniquenessIso to expect if every cell of the space were
	// equally likely (see [UniformUniqueness]).
	UniformIso float64
	// Novelty is the share of valid draws that are another network than every
	// training cell. A draw that is new can still be a held-out cell.
	Novelty float64
}

// Evaluate measures reconstruction and draws of the Trainer's model as it is.
func Evaluate(ctx context.Context, t *Trainer, o EvalOptions) (Metrics, error) {
	var r Metrics
	if o.Draws <= 0 {
		o.Draws = 10000
	}
	if o.Seed == 0 {
		o.Seed = t.cfg.Seed
	}
	if len(t.losses) > 0 {
		r.Loss = t.losses[len(t.losses)-1]
	}
	m := t.Model()
	cells := t.split[t.train:]
	if len(cells) == 0 {
		cells = t.split
	}
	if err := m.reconstruction(ctx, t, cells, o.Threads, &r); err != nil {
		return Metrics{}, err
	}
	if err := m.draws(ctx, t, o, &r); err != nil {
		return Metrics{}, err
	}
	if o.PaperOnly {
		return r, nil
	}
	var err error
	if r.Ours, err = m.sampled(ctx, t, o); err != nil {
		return Metrics{}, err
	}
	return r, nil
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// tally counts what reconstruction got right.
type tally struct {
	ops, opsRight, edgesRight, cellsRight, edges, nonEdges int
	edge, nonEdge                                          float64 // probabilities
}

func (m *Model) reconstruction(ctx context.Context, t *Trainer, cells []int32, threads int, r *Metrics) error {
	n := m.net
	pairs := n.nodes * (n.nodes - 1) / 2
	batches := make([]tally, (len(cells)+inferenceBatch-1)/inferenceBatch)
	pool := sync.Pool{New: func() any { e := make([]float32, inferenceBatch*pairs); return &e }}
	err := m.each(ctx, threads, len(cells), func(i int) cell.Cell { return t.space.Cell(int(cells[i])) },
		func(f *inference, first, graphs int) {
			edges := pool.Get().(*[]float32)
			for v := range graphs * n.nodes {
				copy(f.ws.z[v*f32.Width:][:n.latent], f.head[v*f32.Width:])
			}
			logit := f.decode(graphs, f.ws.z, *edges)
			c := &batches[first/inferenceBatch]
			for g := range graphs {
				c.count(f, g, logit[g*n.nodes*f32.Width:], (*edges)[g*pairs:])
			}
			pool.Put(edges)
		})
	if err != nil {
		return err
	}
	var sum tally
	for _, c := range batches {
		sum.ops, sum.opsRight = sum.ops+c.ops, sum.opsRight+c.opsRight
		sum.edgesRight, sum.cellsRight = sum.edgesRight+c.edgesRight, sum.cellsRight+c.cellsRight
		sum.edges, sum.nonEdges = sum.edges+c.edges, sum.nonEdges+c.nonEdges
		sum.edge, sum.nonEdge = sum.edge+c.edge, sum.nonEdge+c.nonEdge
	}
	r.HeldOut = len(cells)
	r.OpsAccuracy = percent(sum.opsRight, sum.ops)
	r.EdgeAccuracy = percent(sum.edgesRight, sum.edges+sum.nonEdges)
	r.CellAccuracy = percent(sum.cellsRight, len(cells))
	r.EdgeProbability = 100 * sum.edge / float64(max(sum.edges, 1))
	r.NonEdgeProbability = 100 * sum.nonEdge / float64(max(sum.nonEdges, 1))
	return nil
}

// count compares graph g of the batch with its decoding.
func (c *tally) count(f *inference, g int, logit, edges []float32) {
	n := f.net
	right := true
	ij := 0
	for v := range n.nodes {
		if op := int(f.data.op[g*n.nodes+v]); op >= 0 {
			c.ops++
			if argmax(logit[v*f32.Width:][:n.ops]) == op {
				c.opsRight++
			} else {
				right = false
			}
		}
		for u := v + 1; u < n.nodes; u++ {
			is := f.data.near[g*n.nodes+v]>>u&1 == 1
			p := 1 / (1 + math.Exp(-float64(edges[ij])))
			if is {
				c.edges++
				c.edge += p
			} else {
				c.nonEdges++
				c.nonEdge += p
			}
			if is == (edges[ij] > 0) {
				c.edgesRight++
			} else {
				right = false
			}
			ij++
		}
	}
	if right {
		c.cellsRight++
	}
}

// draws measures validity and uniqueness of cells drawn from the paper's prior.
func (m *Model) draws(ctx context.Context, t *Trainer, o EvalOptions, r *Metrics) error {
	cells, err := m.decodeAll(ctx, o.Threads, m.Draw(o.Draws, o.Seed), m.net.read)
	if err != nil {
		return err
	}
	v, err := judge(ctx, t.space, cells, o.Threads, nil)
	if err != nil {
		return err
	}
	r.Draws = o.Draws
	r.Validity, r.ValidityStrict = percent(v.valid, o.Draws), percent(v.strict, o.Draws)
	r.Uniqueness, r.UniquenessIso = percent(v.distinct, v.valid), percent(v.classes, v.strict)
	return nil
}

// sampled measures cells drawn by a sampler.
func (m *Model) sampled(ctx context.Context, t *Trainer, o EvalOptions) (SamplerMetrics, error) {
	p, err := m.Sampler(ctx, t.space, o.Sampler, o.Threads)
	if err != nil {
		return SamplerMetrics{}, err
	}
	cells, err := p.Cells(ctx, o.Draws, o.Seed)
	if err != nil {
		return SamplerMetrics{}, err
	}
	known, err := knownClasses(ctx, t.space, t.split[:t.train], o.Threads)
	if err != nil {
		return SamplerMetrics{}, err
	}
	v, err := judge(ctx, t.space, cells, o.Threads, known)
	if err != nil {
		return SamplerMetrics{}, err
	}
	uniform, err := UniformUniqueness(ctx, t.space, o.Draws)
	return SamplerMetrics{
		Sampler: p.Name(), ValidityStrict: percent(v.strict, o.Draws), UniquenessIso: percent(v.classes, v.strict),
		UniformIso: uniform, Novelty: percent(v.novel, v.strict),
	}, err
}

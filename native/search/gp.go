package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/gp"
	"arch2vec/native/space/darts"
)

// GP are the settings of Bayesian optimisation on cells themselves, without
// embeddings: a Gaussian process with a Hamming kernel on the operations of
// NAS-Bench-201, and a Weisfeiler-Lehman kernel on the graphs of other spaces, whose
// parts have weights fitted to the marginal likelihood; each query is the cell of
// highest expected improvement. It is the baseline that embeddings have to beat.
type GP struct {
	Initial int `json:"initial"` // random cells to begin with
	// Whole is the number of cells up to which a space is searched through whole; in
	// larger ones the candidates are those near the best cells, and random ones.
	Whole int `json:"whole"`
	// Near is the number of the best cells whose neighbours are candidates, and
	// Candidates their number, half of them random.
	Near       int `json:"near"`
	Candidates int `json:"candidates"`
}

// Method returns "gp".
func (GP) Method() string { return "gp" }

// New returns a strategy.
func (g GP) New(p Problem) (Strategy, error) {
	if g.Initial < 2 || g.Near < 1 || g.Candidates < 2 || g.Whole < 0 {
		return nil, fmt.Errorf("search: gp: settings %+v: want 2 initial cells, a near one, 2 candidates at least", g)
	}
	s := &gpStrategy{settings: g, draw: newDraws(p, "gp", false), geometry: geometryOf(p.Space)}
	if p.Space.Len() <= g.Whole && p.Space.Name() != darts.Name { // of DARTS there are samples only
		s.all = make([]feature, p.Space.Len())
		s.done = make([]bool, p.Space.Len())
		for i := range s.all {
			s.all[i] = s.geometry.feature(p.Space.Cell(i))
		}
	}
	return s, nil
}

type gpStrategy struct {
	settings GP
	draw     *draws
	geometry geometry
	asked    int
	cells    []cell.Cell
	seen     []feature
	y        []float64
	apart    [][][]float64 // parts of the distances of cell i from the cells before it
	// The hyperparameters are fitted when the observations have grown by half since
	// the last time, when there were fitted.
	weights         []float64
	variance, noise float64
	fitted          int
	// Of a space that is searched through whole: its cells, those that were asked,
	// and the model's predictions for all.
	all  []feature
	done []bool
	post *posterior
}

// Ask returns one cell once the initial ones are told: each is chosen by all
// answers before it.
func (g *gpStrategy) Ask(n int) ([]cell.Cell, error) {
	if g.asked < g.settings.Initial {
		n = min(n, g.settings.Initial-g.asked)
		var cells []cell.Cell
		for range n {
			c, err := g.draw.cell()
			if err != nil && len(cells) == 0 {
				return nil, err
			}
			if err != nil {
				break
			}
			cells = append(cells, c)
		}
		g.asked += len(cells)
		return cells, nil
	}
	g.asked++
	if err := g.fit(); err != nil {
		return nil, err
	}
	c, err := g.choose()
	if err != nil {
		return nil, err
	}
	g.draw.take(c)
	return []cell.Cell{c}, nil
}

func (g *gpStrategy) Tell(c cell.Cell, s benchmark.Score) error {
	f := g.geometry.feature(c)
	row := make([][]float64, len(g.seen)+1)
	for i := range row {
		row[i] = make([]float64, g.geometry.parts())
		if i < len(g.seen) {
			g.geometry.distances(&f, &g.seen[i], row[i])
		}
	}
	g.cells, g.seen, g.y, g.apart = append(g.cells, c), append(g.seen, f), append(g.y, s.Validation), append(g.apart, row)
	if g.all != nil {
		i, ok := g.draw.space.Index(c)
		if !ok {
			return fmt.Errorf("search: gp: told of a cell that is not of the space: %v", c)
		}
		g.done[i] = true
	}
	if g.post != nil {
		return g.observe(g.post, len(g.y)-1, g.all)
	}
	return nil
}

// scale returns mean and standard deviation of the accuracies so far.
func (g *gpStrategy) scale() (mean, sd float64) {
	mean, sd = stat.MeanStdDev(g.y, nil)
	if !(sd > 1e-9) {
		sd = 1
	}
	return mean, sd
}

// between returns the parts of the distance of two observed cells.
func (g *gpStrategy) between(i, j int) []float64 {
	if i < j {
		i, j = j, i
	}
	return g.apart[i][j]
}

// fit fits the hyperparameters when there are enough new observations.
func (g *gpStrategy) fit() error {
	n := len(g.y)
	if g.fitted > 0 && 2*n < 3*g.fitted {
		return nil
	}
	parts := g.geometry.parts()
	// Priors as wide as a factor of e, about the values that the search begins with.
	priors := make([]gp.Prior, 0, parts+2)
	for range parts {
		priors = append(priors, gp.Prior{Mean: math.Log(2 / float64(parts)), Std: 1})
	}
	priors = append(priors, gp.Prior{Mean: 0, Std: 1}, gp.Prior{Mean: math.Log(0.01), Std: 1})
	if g.fitted == 0 {
		g.weights = make([]float64, parts)
		for i, p := range priors[:parts] {
			g.weights[i] = math.Exp(p.Mean)
		}
		g.variance, g.noise = 1, 0.01
	}
	// A point has the number of an observation, and as many coordinates as there are
	// weights, which gp.New asks for.
	model, err := gp.New(kernel{g.weights, g.between}, parts, g.variance, g.noise)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	centre, sd := g.scale()
	for i, y := range g.y {
		point := make([]float32, parts)
		point[0] = float32(i)
		if err := model.Add(point, (y-centre)/sd); err != nil {
			return fmt.Errorf("search: %w", err)
		}
	}
	if err := model.Fit(context.Background(), gp.FitOptions{Priors: priors, Evaluations: 30}); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	g.fitted, g.variance, g.noise = n, model.Variance(), model.Noise()
	g.weights = slices.Clone(model.Kernel().(kernel).weights)
	if g.all != nil {
		g.post, err = g.condition(g.all)
	}
	return err
}

// condition returns the predictions for candidates, from all observations.
func (g *gpStrategy) condition(candidates []feature) (*posterior, error) {
	post := newPosterior(len(candidates), g.variance, g.noise)
	for i := range g.y {
		if err := g.observe(post, i, candidates); err != nil {
			return nil, err
		}
	}
	return post, nil
}

// observe takes observation i into the predictions for candidates.
func (g *gpStrategy) observe(post *posterior, i int, candidates []feature) error {
	observed := make([]float64, i)
	for j := range observed {
		observed[j] = covariance(g.weights, g.apart[i][j])
	}
	k := make([]float64, len(candidates))
	g.geometry.covariances(g.weights, &g.seen[i], candidates, k)
	return post.add(g.y[i], observed, k)
}

// choose returns the cell of highest expected improvement: in the whole space, or
// among candidates.
func (g *gpStrategy) choose() (cell.Cell, error) {
	if g.all != nil {
		i := g.highest(g.post, func(i int) bool { return g.done[i] })
		if i < 0 {
			return cell.Cell{}, ErrExhausted
		}
		return g.draw.space.Cell(i), nil
	}
	cells, err := g.candidates()
	if err != nil || len(cells) == 0 {
		return cell.Cell{}, errors.Join(err, ErrExhausted)
	}
	features := make([]feature, len(cells))
	for i, c := range cells {
		features[i] = g.geometry.feature(c)
	}
	post, err := g.condition(features)
	if err != nil {
		return cell.Cell{}, err
	}
	return cells[g.highest(post, func(int) bool { return false })], nil
}

// highest returns the candidate of highest expected improvement, -1 when all are to
// be left out.
func (g *gpStrategy) highest(post *posterior, leaveOut func(int) bool) int {
	centre, sd := g.scale()
	best := (slices.Max(g.y) - centre) / sd
	at, highest := -1, math.Inf(-1)
	for i := range post.left {
		if leaveOut(i) {
			continue
		}
		mean, spread := post.at(i, centre, sd)
		if ei := expectedImprovement(mean, spread, best); ei > highest {
			at, highest = i, ei
		}
	}
	return at
}

// candidates returns cells that were not asked: neighbours of the best, and random
// ones.
func (g *gpStrategy) candidates() ([]cell.Cell, error) {
	order := make([]int, len(g.y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.y[b], g.y[a]) })
	order = order[:min(len(order), g.settings.Near)]
	var list []cell.Cell
	known := map[cell.Cell]bool{}
	for i := range g.settings.Candidates {
		c := g.draw.space.Random(g.draw.rng)
		if i%2 == 0 {
			var err error
			if c, err = g.draw.space.Mutate(g.cells[order[i/2%len(order)]], g.draw.rng); err != nil {
				return nil, err
			}
		}
		if !known[c] && !g.draw.seen[c] {
			known[c] = true
			list = append(list, c)
		}
	}
	return list, nil
}

package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
	"arch2vec/native/space/nasbench201"
)

func tell(t *testing.T, s Strategy, c cell.Cell, accuracy float64) {
	t.Helper()
	if err := s.Tell(c, benchmark.Score{Validation: accuracy}); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, s Strategy) cell.Cell {
	t.Helper()
	cells, err := s.Ask(1)
	if err != nil || len(cells) != 1 {
		t.Fatal(cells, err)
	}
	return cells[0]
}

func strategy(t *testing.T, s Settings) Strategy {
	t.Helper()
	made, err := s.New(Problem{Space: nasbench201.New(), Seed: 5, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// Random search draws uniformly: each of 15,625 cells as often as it should be, by
// operations on edges.
func TestRandomIsUniform(t *testing.T) {
	s := strategy(t, Random{Repeat: true})
	counts := [8][7]int{}
	const n = 20000
	for range n {
		c := ask(t, s)
		for i := 1; i < 7; i++ {
			counts[i][c.Op(i)]++
		}
	}
	for i := 1; i < 7; i++ {
		for op := 1; op < 6; op++ {
			if d := math.Abs(float64(counts[i][op]) - n/5); d > 5*math.Sqrt(n*0.2*0.8) {
				t.Errorf("edge %d has operation %d %d times in %d", i, op, counts[i][op], n)
			}
		}
	}
}

// Without repetition all of a space is asked, once, and then nothing is left.
func TestRandomExhausts(t *testing.T) {
	s := strategy(t, Random{})
	seen := map[cell.Cell]bool{}
	for {
		cells, err := s.Ask(1000)
		if err == ErrExhausted {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			seen[c] = true
		}
		if len(seen) > nasbench201.Size/50 { // far enough: the rest is marked as seen
			d := s.(*random).draw
			for i := range nasbench201.Size - 3 {
				d.seen[d.space.Cell(i)] = true
			}
		}
	}
	if n := len(seen); n < 3 {
		t.Error(n)
	}
}

// Evolution by hand: the queue has the last members only, the parent is the best of
// the sample, the child one edge away. With the whole queue as sample the parent is
// almost surely the best member, with a sample of one any.
func TestEvolutionByHand(t *testing.T) {
	for _, published := range []bool{false, true} {
		s := strategy(t, Evolution{Population: 3, Sample: 60, Published: published})
		var members []cell.Cell
		accuracies := []float64{10, 99, 20, 30, 15, 12, 11}
		space := nasbench201.New()
		for i, a := range accuracies {
			c := ask(t, s)
			if i >= 3 {
				parent := -1
				for k := i - 3; k < i; k++ { // the queue
					if parent < 0 || accuracies[k] > accuracies[parent] {
						parent = k
					}
				}
				if d, _ := space.EditDistance(members[parent], c); d != 1 {
					t.Errorf("query %d is %d edits from member %d, its parent", i, d, parent)
				}
			}
			members = append(members, c)
			tell(t, s, c, a)
		}
		if q := s.(*evolution).queue; len(q) != 3 || q[0].accuracy != 15 || q[2].accuracy != 11 {
			t.Errorf("the queue is %+v", q)
		}
		if s.Tell(members[0], benchmark.Score{}) == nil {
			t.Error("told of a cell that was not asked")
		}
	}
}

// The published mutation draws a feature map before an edge into it.
func TestPublishedMutation(t *testing.T) {
	e, err := newEncoding(nasbench201.New())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	counts := make([]float64, 6)
	const n = 30000
	x := []int{0, 1, 2, 3, 4, 0}
	for range n {
		y, _ := e.mutate(x, r)
		for i := range y {
			if x[i] != y[i] {
				counts[i] += 1.0 / n
			}
		}
	}
	for i, want := range []float64{1. / 3, 1. / 6, 1. / 6, 1. / 9, 1. / 9, 1. / 9} {
		if math.Abs(counts[i]-want) > 0.015 {
			t.Errorf("edge %d changes with probability %.3f, want %.3f", i, counts[i], want)
		}
	}
}

// One step of REINFORCE by hand: Adam's first step is the learning rate against the
// sign of the gradient, and the first reward, which is its own average, gives none.
func TestReinforceByHand(t *testing.T) {
	s := strategy(t, Reinforce{LearningRate: 0.5, Momentum: 0.9, Repeat: true}).(*reinforce)
	before := fmt.Sprint(s.logits)
	tell(t, s, ask(t, s), 80)
	if fmt.Sprint(s.logits) != before {
		t.Error("the first reward changed the policy")
	}
	s.adam.t = 0
	old := make([][]float64, len(s.logits))
	for i := range old {
		old[i] = slices.Clone(s.logits[i])
	}
	c := ask(t, s)
	x := s.asked[0]
	tell(t, s, c, 90) // above the average (0.9*0.1*80 + 0.1*90)/0.19 = 85.26
	for i, row := range s.logits {
		for k := range row {
			want := old[i][k] - 0.5
			if k == x[i] {
				want = old[i][k] + 0.5
			}
			if math.Abs(row[k]-want) > 1e-6 {
				t.Errorf("variable %d, value %d: logit %.4f, want %.4f", i, k, row[k], want)
			}
		}
	}
	if got := s.average / s.weight; math.Abs(got-85.2631579) > 1e-6 {
		t.Errorf("moving average %v", got)
	}
}

// Local search goes through the neighbours of a cell and moves when one is better.
func TestLocalByHand(t *testing.T) {
	space := nasbench201.New()
	away := func(a, b cell.Cell) int {
		d, err := space.EditDistance(a, b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := strategy(t, Local{})
	start := ask(t, first)
	tell(t, first, start, 50)
	worse := ask(t, first)
	tell(t, first, worse, 40)
	better := ask(t, first)
	tell(t, first, better, 60)
	next := ask(t, first)
	if away(start, worse) != 1 || away(start, better) != 1 || away(better, next) != 1 {
		t.Error("first improvement: not from neighbour to neighbour")
	}

	steepest := strategy(t, Local{Steepest: true})
	start = ask(t, steepest)
	tell(t, steepest, start, 50)
	var best cell.Cell
	around := map[cell.Cell]bool{}
	for i := 0; ; i++ {
		c := ask(t, steepest)
		if away(start, c) != 1 {
			if away(best, c) != 1 {
				t.Error("steepest: the centre did not move to the best neighbour")
			}
			break
		}
		around[c] = true
		accuracy := 50 - float64(i)
		if i == 4 {
			best, accuracy = c, 70
		}
		tell(t, steepest, c, accuracy)
	}
	// 24 neighbours, less those that are the same network.
	if len(around) < 10 || len(around) > 24 {
		t.Errorf("%d neighbours", len(around))
	}
}

// The sizes of brackets are those of Hyperband's paper (Li et al. 2018, table 1:
// R = 81, eta = 3), and HpBandSter's rounding of them.
func TestHyperbandTable(t *testing.T) {
	h := newHyperband(3, 1, 81, false)
	for s, want := range [][]int{{81, 27, 9, 3, 1}, {34, 11, 3, 1}, {15, 5, 1}, {8, 2}, {5}} {
		if !slices.Equal(h.size, want) {
			t.Errorf("bracket %d has rungs of %v, want %v", 4-s, h.size, want)
		}
		h.next()
	}
	h = newHyperband(3, 1, 81, true)
	for _, want := range [][]int{{81, 27, 9, 3, 1}, {27, 9, 3, 1}, {9, 3, 1}, {6, 2}, {5}, {81, 27, 9, 3, 1}} {
		if !slices.Equal(h.size, want) {
			t.Errorf("HpBandSter: rungs of %v, want %v", h.size, want)
		}
		h.next()
	}
}

// The best third of a rung goes on, in order of accuracy.
func TestSuccessiveHalving(t *testing.T) {
	h := newHyperband(3, 12, 200, true)
	if h.rungs != 3 || h.size[0] != 9 {
		t.Fatal(h.rungs, h.size)
	}
	for i := range 9 {
		if c, ok := h.take(); c != nil || !ok || h.budget() != 0 {
			t.Fatal("the first rung takes new trials")
		}
		if i == 8 {
			if _, ok := h.take(); ok {
				t.Error("more trials than the rung has")
			}
		}
		// Accuracies 0 3 6 1 4 7 2 5 8
		h.report(trial{code{x: []int{i}}, float64(i*3%9 + i/3)})
	}
	var got []int
	for range 3 {
		c, ok := h.take()
		if !ok || c == nil || h.budget() != 1 {
			t.Fatal("the second rung takes three of the first")
		}
		got = append(got, c.x[0])
		h.report(trial{*c, float64(c.x[0])})
	}
	last, ok := h.take()
	if !slices.Equal(got, []int{8, 5, 2}) || !ok || last.x[0] != 8 || h.budget() != 2 {
		t.Errorf("second rung %v, third %v", got, last)
	}
	h.report(trial{*last, 8})
	if h.bracket != 1 || h.size[0] != 3 || h.budget() != 1 {
		t.Errorf("bracket %d begins with %v at budget %d", h.bracket, h.size, h.budget())
	}
}

// A density estimate adds up to 1, is highest where the points are, and draws what
// it says.
func TestKDE(t *testing.T) {
	levels := []int{5, 2, 3}
	points := [][]int{{0, 0, 0}, {0, 1, 0}, {1, 0, 2}, {0, 0, 1}}
	k := newKDE(points, levels, 0.01, false)
	sum := 0.0
	density := map[[3]int]float64{}
	for a := range 5 {
		for b := range 2 {
			for c := range 3 {
				d := k.density([]int{a, b, c})
				density[[3]int{a, b, c}] = d
				sum += d
			}
		}
	}
	if math.Abs(sum-1) > 1e-12 || density[[3]int{0, 0, 0}] < 2*density[[3]int{4, 1, 1}] {
		t.Errorf("the densities add up to %v; %v", sum, density)
	}
	// One point, one variable: 1-h on it, h/(c-1) beside it.
	one := newKDE([][]int{{3}}, []int{5}, 0, false)
	if h := 4. / 5; math.Abs(one.density([]int{3})-(1-h)) > 1e-12 || math.Abs(one.density([]int{1})-h/4) > 1e-12 {
		t.Error("not Aitchison and Aitken's kernel")
	}
	r := rand.New(rand.NewPCG(2, 2))
	x := make([]int, 3)
	const n = 60000
	drawn := map[[3]int]float64{}
	for range n {
		k.draw(r, 1, x)
		drawn[[3]int{x[0], x[1], x[2]}] += 1. / n
	}
	for at, want := range density {
		if math.Abs(drawn[at]-want) > 5*math.Sqrt(want/n) {
			t.Errorf("drawn %v with probability %.4f, want %.4f", at, drawn[at], want)
		}
	}
	// The published bandwidth: 1.06 sd n^(-1/(4+d)) of 0, 0, 1, 0, and n for c.
	p := newKDE(points, levels, 0.3, true)
	if want := 1.06 * math.Sqrt(3./16) * math.Pow(4, -1./7); math.Abs(p.bandwidth[0]-want) > 1e-12 || math.Abs(p.other[0]-want/3) > 1e-12 {
		t.Errorf("published bandwidth %v, want %v", p.bandwidth[0], want)
	}
}

// BOHB by its algorithm 2: random until there are N_min + 2 = 9 results, then, with
// rho = 0, the draw of highest ratio; the good are max(N_min, 15 %), the rest is bad.
func TestBOHBModel(t *testing.T) {
	s := strategy(t, BOHB{Eta: 3, MinBudget: 1, MaxBudget: 81, Good: 0.15, Candidates: 32, Factor: 1}).(*bohb)
	for i := range 60 {
		if (s.model >= 0) != (i >= 9) {
			t.Fatalf("a model after %d results: %v", i, s.model >= 0)
		}
		if i >= 9 {
			if good := max(7, int(0.15*float64(i))); len(s.good.points) != good || len(s.bad.points) != max(7, i-good) {
				t.Errorf("after %d results %d are good, %d bad", i, len(s.good.points), len(s.bad.points))
			}
		}
		c := ask(t, s)
		accuracy := 50.0
		for e := 1; e < 7; e++ {
			if c.Op(e) == nasbench201.Conv3x3 {
				accuracy += 5
			}
		}
		tell(t, s, c, accuracy)
	}
	all := []int{1, 1, 1, 1, 1, 1}
	none := []int{4, 4, 4, 4, 4, 4}
	if s.good.density(all)/s.bad.density(all) < 10*s.good.density(none)/s.bad.density(none) {
		t.Error("the model has not learned what is good")
	}
}

// In the published variant a promoted cell is asked, and paid for, again; by default
// it is not.
func TestBOHBPromotions(t *testing.T) {
	for _, published := range []bool{true, false} {
		s := strategy(t, BOHB{Eta: 3, MinBudget: 12, MaxBudget: 200, Good: 0.15, Candidates: 4, Factor: 3, MinWidth: 0.3, Random: 1, Published: published})
		var cells []cell.Cell
		for i := range 13 {
			c := ask(t, s)
			cells = append(cells, c)
			tell(t, s, c, float64(i))
		}
		again := slices.Equal(cells[9:12], []cell.Cell{cells[8], cells[7], cells[6]})
		if again != published {
			t.Errorf("published %v: the second rung is asked again: %v", published, again)
		}
	}
}

// The path encoding of a cell, by hand, and the number of its bits: 85 on
// NAS-Bench-201, 40 on NAS-Bench-101, as in BANANAS's experiments.
func TestPathEncoding(t *testing.T) {
	s := nasbench201.New()
	p := newPathEncoding(s, 3)
	c, err := s.Parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|")
	if err != nil {
		t.Fatal(err)
	}
	// Paths: 0-3: conv1x1; 0-1-2-3: conv3x3, skip, pool. Operations in order: conv1x1,
	// conv3x3, pool, skip; sequences of one begin at bit 1, of three at 1+4+16.
	want := []int{1 + 0, 21 + 1*16 + 3*4 + 2}
	if got := p.set(c); !slices.Equal(got, want) || p.bits() != 85 {
		t.Errorf("bits %v of %d, want %v of 85", got, p.bits(), want)
	}
}

// The gradient of the predictor against finite differences.
func TestPredictorGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	p := newPredictor(kernels(t), 40, 3, 7, 8, r)
	for i := range 5 {
		p.input(i, []int{i, 2 * i, 33 + i})
	}
	out, weight := make([]float64, 8), []float64{1, -2, 0.5, 3, 1}
	value := func() float64 {
		p.forward(5, out)
		sum := 0.0
		for i, w := range weight {
			sum += w * out[i]
		}
		return sum
	}
	value()
	p.backward(5, weight)
	checked := 0
	for i, g := range p.grad {
		if r.IntN(5) > 0 || g == 0 && p.param[i] == 0 {
			continue
		}
		const h = 1e-3
		old := p.param[i]
		p.param[i] = old + h
		up := value()
		p.param[i] = old - h
		down := value()
		p.param[i] = old
		if d := (up - down) / (2 * h); math.Abs(d-float64(g)) > 0.02*(math.Abs(d)+0.2) {
			t.Errorf("parameter %d: gradient %.4f, by difference %.4f", i, g, d)
		}
		checked++
	}
	if checked < 30 {
		t.Errorf("only %d parameters checked", checked)
	}
}

// The predictor learns, most exactly near the floor.
func TestPredictorFits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	p := newPredictor(kernels(t), 12, 3, 16, 32, r)
	var inputs [][]int
	var targets []float64
	for range 60 {
		bits, y := []int{}, 8.0
		for b := range 12 {
			if r.IntN(2) == 0 {
				bits, y = append(bits, b), y+float64(b)/10
			}
		}
		inputs, targets = append(inputs, bits), append(targets, y)
	}
	p.fit(inputs, targets, 7, 0.01, 200, 32, r)
	out := make([]float64, 32)
	for i := range 32 {
		p.input(i, inputs[i])
	}
	p.forward(32, out)
	sum := 0.0
	for i, y := range out {
		sum += math.Abs(y-targets[i]) / 32
	}
	if sum > 0.4 {
		t.Errorf("mean absolute error %.3f", sum)
	}
}

// BANANAS by its algorithm 1: t_0 random cells, then batches that are mutations of
// the x best.
func TestBananasByHand(t *testing.T) {
	settings := bananasSettings()
	settings.Epochs, settings.Layers, settings.Near = 5, 2, 2
	s := strategy(t, settings)
	space := nasbench201.New()
	var best []cell.Cell
	for i := range 10 {
		c := ask(t, s)
		accuracy := 50.0
		if i == 3 || i == 7 {
			best, accuracy = append(best, c), 90
		}
		tell(t, s, c, accuracy)
	}
	cells, err := s.Ask(100)
	if err != nil || len(cells) != 10 {
		t.Fatal(len(cells), err)
	}
	for _, c := range cells {
		a, _ := space.EditDistance(best[0], c)
		b, _ := space.EditDistance(best[1], c)
		if min(a, b) != 1 {
			t.Errorf("a candidate is %d and %d edits from the two best", a, b)
		}
	}
}

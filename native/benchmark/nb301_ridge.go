package benchmark

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// linear is a linear model of one number.
type linear struct {
	mean, weights []float64 // a feature
	at            float64   // where the features have their means
}

// penalty is the weight of the squared coefficients. On held-out rows 1 and 100 are
// as good.
const penalty = 10

// fitRidge solves (XᵀX + λI) w = Xᵀy for centred features X and values y.
func fitRidge(rows []row301, value func(r row301) float64) (*linear, error) {
	x, y := mat.NewDense(len(rows), features301, nil), mat.NewVecDense(len(rows), nil)
	m := &linear{mean: make([]float64, features301)}
	for i, r := range rows {
		x.SetRow(i, features(&r.normal, &r.reduction))
		y.SetVec(i, value(r))
	}
	m.at = stat.Mean(y.RawVector().Data, nil)
	for j := range features301 {
		m.mean[j] = stat.Mean(mat.Col(nil, j, x), nil)
	}
	for i := range rows {
		y.SetVec(i, y.AtVec(i)-m.at)
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= m.mean[j]
		}
	}
	var gram mat.SymDense
	gram.SymOuterK(1, x.T())
	for j := range features301 {
		gram.SetSym(j, j, gram.At(j, j)+penalty)
	}
	var factor mat.Cholesky
	if !factor.Factorize(&gram) {
		return nil, errors.New("the model cannot be fitted: its equations are singular")
	}
	var xy, w mat.VecDense
	xy.MulVec(x.T(), y)
	if err := factor.SolveVecTo(&w, &xy); err != nil {
		return nil, err
	}
	m.weights = w.RawVector().Data
	return m, nil
}

func (m *linear) predict(x []float64) float64 {
	v := m.at
	for j, f := range x {
		v += m.weights[j] * (f - m.mean[j])
	}
	return v
}

// spearman is the rank correlation of predicted and given accuracies.
func (m *linear) spearman(rows []row301) float64 {
	a, b := make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		a[i], b[i] = m.predict(features(&r.normal, &r.reduction)), r.accuracy
	}
	return stat.Correlation(ranks(a), ranks(b), nil)
}

// ranks are the positions in ascending order, equal values sharing their mean.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case values[i] < values[j]:
			return -1
		case values[i] > values[j]:
			return 1
		}
		return 0
	})
	rank := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			rank[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return rank
}

// features301 is the number of features: of each cell which operation is on which
// edge, how many of each there are, how deep each node is, and products of these
// counts with one another, with inputs, and with depths.
const (
	ops301      = 7
	cell301     = edges301*ops301 + ops301 + nodes301 + ops301*(ops301+1)/2 + ops301*sources301 + ops301*nodes301
	features301 = 2 * cell301
)

func features(normal, reduction *genotype) []float64 {
	x := make([]float64, 0, features301)
	for _, g := range []*genotype{normal, reduction} {
		var edges [edges301 * ops301]float64
		var counts [ops301]float64
		var inputs [ops301 * sources301]float64
		var depth [2 + nodes301]float64
		for k, pick := range g {
			edges[edge301(k, pick.in)*ops301+pick.op]++
			counts[pick.op]++
			inputs[pick.op*sources301+pick.in]++
			node := 2 + k/2
			depth[node] = max(depth[node], depth[pick.in]+1)
		}
		x = append(x, edges[:]...)
		x = append(x, counts[:]...)
		x = append(x, depth[2:]...)
		x = append(x, inputs[:]...)
		for i, a := range counts {
			for _, b := range counts[i:] {
				x = append(x, a*b)
			}
			for _, d := range depth[2:] {
				x = append(x, a*d)
			}
		}
	}
	return x
}

package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Band is a named curve, Y over X, with a band around it from Low to High, such as
// a confidence interval; all of equal length. Without Low and High it is a curve
// alone.
type Band struct {
	Name            string
	X, Y, Low, High []float64
}

// Regret draws curves with bands, such as regret over time, on linear or
// logarithmic axes. Points that are not finite, or on a logarithmic axis not
// positive, are left out. A logarithmic axis ends at half the lowest value of a curve,
// and so do bands, which may go down to 0. Fields of unequal length are an error.
func Regret(title, xLabel, yLabel string, bands []Band, logX, logY bool) (*plot.Plot, error) {
	p := newPlot(title, xLabel, yLabel)
	p.Legend.Top, p.Legend.Left = !logX, logX // where falling curves leave room
	shown := make([]Band, len(bands))
	lowest := math.Inf(1)
	for i, b := range bands {
		var err error
		if shown[i], err = b.shown(logX, logY); err != nil {
			return nil, err
		}
		for k, y := range shown[i].Y {
			if logY {
				y /= 2
			} else if len(shown[i].Low) > 0 {
				y = min(y, shown[i].Low[k])
			}
			lowest = min(lowest, y)
		}
	}
	if math.IsInf(lowest, 1) {
		return nil, fmt.Errorf("figure: %q: there is nothing to draw", title)
	}
	for i, b := range shown {
		if err := b.fill(p, i, lowest); err != nil {
			return nil, err
		}
	}
	for i, b := range shown { // curves lie over all bands
		if err := b.draw(p, i); err != nil {
			return nil, err
		}
	}
	if logX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	if logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	return p, nil
}

// shown returns what can be drawn of the band.
func (b Band) shown(logX, logY bool) (Band, error) {
	s := Band{Name: b.Name}
	n := len(b.X)
	if len(b.Y) != n || len(b.Low) != len(b.High) || len(b.Low) != 0 && len(b.Low) != n {
		return s, fmt.Errorf("figure: curve %q has %d x, %d y, and a band of %d and %d", b.Name, n, len(b.Y), len(b.Low), len(b.High))
	}
	for i, x := range b.X {
		y := b.Y[i]
		if !finite(x) || !finite(y) || logX && x <= 0 || logY && y <= 0 {
			continue
		}
		s.X, s.Y = append(s.X, x), append(s.Y, y)
		if len(b.Low) > 0 {
			low, high := b.Low[i], b.High[i]
			if !finite(low) || !finite(high) {
				low, high = y, y
			}
			s.Low, s.High = append(s.Low, low), append(s.High, high)
		}
	}
	return s, nil
}

// fill draws the band of curve i.
func (b Band) fill(p *plot.Plot, i int, lowest float64) error {
	if len(b.Low) == 0 {
		return nil
	}
	var outline plotter.XYs
	for k, x := range b.X {
		outline = append(outline, plotter.XY{X: x, Y: max(b.High[k], lowest)})
	}
	for k, x := range slices.Backward(b.X) {
		outline = append(outline, plotter.XY{X: x, Y: max(b.Low[k], lowest)})
	}
	area, err := plotter.NewPolygon(outline)
	if err != nil {
		return fmt.Errorf("figure: curve %q: %w", b.Name, err)
	}
	c := colours[i%len(colours)].(color.NRGBA)
	c.A = 0x30
	area.Color, area.LineStyle.Width = c, 0
	p.Add(area)
	return nil
}

// draw draws curve i.
func (b Band) draw(p *plot.Plot, i int) error {
	if len(b.X) == 0 {
		return nil
	}
	line, err := plotter.NewLine(points(b.X, b.Y))
	if err != nil {
		return fmt.Errorf("figure: curve %q: %w", b.Name, err)
	}
	line.LineStyle = curve(i)
	p.Add(line)
	if b.Name != "" {
		p.Legend.Add(b.Name, line)
	}
	return nil
}

// curve is the style of curve i: when colours run out, dashes begin.
func curve(i int) draw.LineStyle {
	s := draw.LineStyle{Color: colours[i%len(colours)], Width: vg.Points(1.5)}
	switch i / len(colours) {
	case 0:
	case 1:
		s.Dashes = []vg.Length{vg.Points(6), vg.Points(3)}
	default:
		s.Dashes = []vg.Length{vg.Points(1.5), vg.Points(2.5)}
	}
	return s
}

func points(x, y []float64) plotter.XYs {
	xys := make(plotter.XYs, len(x))
	for i := range x {
		xys[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	return xys
}

// Sample is a named set of numbers.
type Sample struct {
	Name   string
	Values []float64
}

// Distribution draws the empirical cumulative distribution of each sample: the share
// of its numbers that are not above x. Numbers that are not finite are left out, and
// so are samples without any.
func Distribution(title, xLabel string, samples []Sample) (*plot.Plot, error) {
	p := newPlot(title, xLabel, "share of runs")
	low, high := math.Inf(1), math.Inf(-1)
	sorted := make([][]float64, len(samples))
	for i, s := range samples {
		for _, v := range s.Values {
			if finite(v) {
				sorted[i] = append(sorted[i], v)
			}
		}
		slices.Sort(sorted[i])
		if n := len(sorted[i]); n > 0 {
			low, high = min(low, sorted[i][0]), max(high, sorted[i][n-1])
		}
	}
	if low > high {
		return nil, fmt.Errorf("figure: %q: there is nothing to draw", title)
	}
	room := max(high-low, 1e-9) * 0.02
	for i, s := range samples {
		n := len(sorted[i])
		if n == 0 {
			continue
		}
		xys := plotter.XYs{{X: low - room, Y: 0}}
		for k, v := range sorted[i] {
			xys = append(xys, plotter.XY{X: v, Y: float64(k) / float64(n)}, plotter.XY{X: v, Y: float64(k+1) / float64(n)})
		}
		xys = append(xys, plotter.XY{X: high + room, Y: 1})
		line, err := plotter.NewLine(xys)
		if err != nil {
			return nil, fmt.Errorf("figure: sample %q: %w", s.Name, err)
		}
		line.LineStyle = curve(i)
		p.Add(line)
		if s.Name != "" {
			p.Legend.Add(s.Name, line)
		}
	}
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top = false // curves end at the top
	return p, nil
}

// logTicks marks 1, 2 and 5 times powers of ten, and with less than two decades
// labels them all: gonum/plot's own label powers of ten only.
type logTicks struct{}

// Ticks returns the marks between two positive numbers.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	if !(low > 0 && high > low) {
		return plot.DefaultTicks{}.Ticks(low, high)
	}
	dense := high/low < 100
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			v := digit * math.Pow(10, power)
			if v < low*(1-1e-9) || v > high*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if digit == 1 || dense && (digit == 2 || digit == 5) {
				t.Label = strconv.FormatFloat(v, 'f', max(0, -int(power)), 64)
				if power > 5 || power < -5 {
					t.Label = strconv.FormatFloat(v, 'e', 0, 64)
				}
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

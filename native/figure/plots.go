package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one named curve: Y over X, of equal length.
type Series struct {
	Name string
	X, Y []float64
}

// LossCurve draws losses over steps or epochs. The vertical axis is logarithmic
// when every loss is positive. Points that are not finite are left out; a
// series whose X and Y differ in length is an error.
func LossCurve(title, xLabel string, series []Series) (*plot.Plot, error) {
	p := newPlot(title, xLabel, "loss")
	positive, points := true, 0
	for i, s := range series {
		xys, err := s.points()
		if err != nil {
			return nil, err
		}
		if len(xys) == 0 {
			continue
		}
		for _, xy := range xys {
			positive = positive && xy.Y > 0
		}
		points += len(xys)
		line, err := plotter.NewLine(xys)
		if err != nil {
			return nil, fmt.Errorf("figure: series %q: %w", s.Name, err)
		}
		line.Color, line.Width = colours[i%len(colours)], vg.Points(1.4)
		p.Add(line)
		if s.Name != "" {
			p.Legend.Add(s.Name, line)
		}
	}
	if positive && points > 0 {
		if p.Y.Max <= p.Y.Min*1.001 { // a log axis needs some height
			p.Y.Min, p.Y.Max = p.Y.Min/2, p.Y.Max*2
		}
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	return p, nil
}

func (s Series) points() (plotter.XYs, error) {
	if len(s.X) != len(s.Y) {
		return nil, fmt.Errorf("figure: series %q has %d x and %d y", s.Name, len(s.X), len(s.Y))
	}
	var xys plotter.XYs
	for i, x := range s.X {
		if finite(x) && finite(s.Y[i]) {
			xys = append(xys, plotter.XY{X: x, Y: s.Y[i]})
		}
	}
	return xys, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// ScatterClasses draws the first two columns of points (n x 2 or wider) as a
// cloud. class holds one class a point, 0 <= class < len(names); classes are
// ordered and coloured from dark to light, with names as legend. For values
// without classes there is [ScatterValues].
func ScatterClasses(title, xLabel, yLabel string, points mat.Matrix, class []int, names []string) (*plot.Plot, error) {
	n, d := points.Dims()
	if d < 2 || len(class) != n {
		return nil, fmt.Errorf("figure: scatter of %d points in %d dimensions with %d classes", n, d, len(class))
	}
	groups := make([]plotter.XYs, len(names))
	for i, k := range class {
		if k < 0 || k >= len(names) {
			return nil, fmt.Errorf("figure: point %d has class %d, there are %d", i, k, len(names))
		}
		if x, y := points.At(i, 0), points.At(i, 1); finite(x) && finite(y) {
			groups[k] = append(groups[k], plotter.XY{X: x, Y: y})
		}
	}
	p := newPlot(title, xLabel, yLabel)
	p.Legend.XOffs = vg.Points(-2)
	shades := sequence(len(names))
	for k, group := range groups {
		if len(group) == 0 {
			continue
		}
		s, err := plotter.NewScatter(group)
		if err != nil {
			return nil, fmt.Errorf("figure: class %q: %w", names[k], err)
		}
		s.GlyphStyle = draw.GlyphStyle{Color: shades[k], Radius: vg.Points(1.1), Shape: draw.CircleGlyph{}}
		p.Add(s)
		key := *s // the legend's dot is larger than the cloud's
		key.GlyphStyle.Radius = vg.Points(3)
		p.Legend.Add(names[k], &key)
	}
	return p, nil
}

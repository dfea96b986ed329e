package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// shades is how many colours a colour bar distinguishes.
const shades = 256

// ScatterValues draws the first two columns of points (n x 2 or wider) as a cloud
// in which colour, from dark to light, shows a value a point, such as an
// accuracy; a bar on the right, with valueLabel, is the key. Points that are not finite
// are left out; those whose value is not are grey.
func ScatterValues(title, xLabel, yLabel, valueLabel string, points mat.Matrix, values []float64) (*plot.Plot, error) {
	n, d := points.Dims()
	if d < 2 || len(values) != n {
		return nil, fmt.Errorf("figure: scatter of %d points in %d dimensions with %d values", n, d, len(values))
	}
	bar := &colourBar{low: math.Inf(1), high: math.Inf(-1), label: valueLabel, colours: sequence(shades)}
	var at plotter.XYs
	var kept []float64
	for i, v := range values {
		x, y := points.At(i, 0), points.At(i, 1)
		if !finite(x) || !finite(y) {
			continue
		}
		at, kept = append(at, plotter.XY{X: x, Y: y}), append(kept, v)
		if finite(v) {
			bar.low, bar.high = min(bar.low, v), max(bar.high, v)
		}
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("figure: none of %d points is finite", n)
	}
	switch {
	case bar.low > bar.high: // no value at all
		bar.low, bar.high = 0, 1
	case bar.low == bar.high: // ticks need some room
		half := max(math.Abs(bar.low)*0.01, 0.5)
		bar.low, bar.high = bar.low-half, bar.high+half
	}
	p := newPlot(title, xLabel, yLabel)
	bar.text = p.Y.Tick.Label
	bar.text.XAlign, bar.text.YAlign = draw.XLeft, draw.YCenter
	bar.line = p.Y.LineStyle
	bar.title = p.Y.Label.TextStyle
	bar.title.Rotation = math.Pi / 2
	bar.title.XAlign, bar.title.YAlign = draw.XCenter, draw.YTop
	cloud, err := plotter.NewScatter(at)
	if err != nil {
		return nil, fmt.Errorf("figure: scatter: %w", err)
	}
	radius := vg.Points(2.5)
	switch {
	case len(at) > 5000:
		radius = vg.Points(1.1)
	case len(at) > 500:
		radius = vg.Points(1.6)
	}
	cloud.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		return draw.GlyphStyle{Color: bar.colour(kept[i]), Radius: radius, Shape: draw.CircleGlyph{}}
	}
	p.Add(cloud, bar)
	return p, nil
}

// colourBar is the key of a plot's colours, beside its right edge. It is a
// plotter, so that a plot with it is still one plot that anybody can draw.
type colourBar struct {
	low, high   float64
	label       string
	colours     []color.Color
	text, title text.Style
	line        draw.LineStyle
}

// The bar's measures, from the edge of the plot to the right.
const (
	barGap   = vg.Length(14)
	barWidth = vg.Length(11)
	tickGap  = vg.Length(4)
	titleGap = vg.Length(8)
)

// colour is the colour of a value; values outside the range have those of its
// ends.
func (b *colourBar) colour(v float64) color.Color {
	if math.IsNaN(v) {
		return color.Gray{0xb8}
	}
	share := (v - b.low) / (b.high - b.low)
	return b.colours[int(max(0, min(1, share))*float64(len(b.colours)-1)+0.5)]
}

// Plot draws the bar on the right of c.
func (b *colourBar) Plot(c draw.Canvas, _ *plot.Plot) {
	left, right := c.Max.X+barGap, c.Max.X+barGap+barWidth
	height := c.Max.Y - c.Min.Y
	for i, colour := range b.colours {
		bottom := c.Min.Y + height*vg.Length(i)/vg.Length(len(b.colours))
		top := min(bottom+2*height/vg.Length(len(b.colours)), c.Max.Y) // overlap: no seams
		c.FillPolygon(colour, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
	}
	outline := []vg.Point{{X: left, Y: c.Min.Y}, {X: right, Y: c.Min.Y}, {X: right, Y: c.Max.Y}, {X: left, Y: c.Max.Y}, {X: left, Y: c.Min.Y}}
	c.StrokeLines(b.line, outline)
	for _, tick := range b.ticks() {
		y := c.Min.Y + height*vg.Length((tick.Value-b.low)/(b.high-b.low))
		c.StrokeLine2(b.line, right, y, right+tickGap/2, y)
		c.FillText(b.text, vg.Point{X: right + tickGap, Y: y}, tick.Label)
	}
	if b.label != "" {
		c.FillText(b.title, vg.Point{X: right + tickGap + b.tickWidth() + titleGap, Y: (c.Min.Y + c.Max.Y) / 2}, b.label)
	}
}

// GlyphBoxes reserves the room that Plot draws in.
func (b *colourBar) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	width := barGap + barWidth + tickGap + b.tickWidth()
	if b.label != "" {
		width += titleGap + b.title.Height(b.label)
	}
	return []plot.GlyphBox{{X: 1, Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: width}}}}
}

// ticks are the labelled ticks within the range.
func (b *colourBar) ticks() []plot.Tick {
	var ticks []plot.Tick
	for _, t := range (plot.DefaultTicks{}).Ticks(b.low, b.high) {
		if !t.IsMinor() && t.Value >= b.low && t.Value <= b.high {
			ticks = append(ticks, t)
		}
	}
	return ticks
}

func (b *colourBar) tickWidth() (width vg.Length) {
	for _, t := range b.ticks() {
		width = max(width, b.text.Width(t.Label))
	}
	return width
}

package darts

import "arch2vec/native/cell"

// Cost is what a network needs.
type Cost struct {
	Parameters   int // trainable, those of batch normalisations included
	MultiplyAdds int // of convolutions and the dense layer, for one image
	Normalised   int // numbers that pass a batch normalisation, for one image
}

// Operations is the count that the limit of a sample applies to: MultiplyAdds,
// and two for every normalised number, as the THOP profiler has it. The published
// code's own profiler is not documented; this count rejects the published share
// of draws, 2.76 %, where MultiplyAdds alone rejects 2.1 %.
func (c Cost) Operations() int { return c.MultiplyAdds + 2*c.Normalised }

// The ImageNet network of the DARTS paper.
const (
	imageNetChannels = 48
	imageNetLayers   = 14
	imageNetClasses  = 1000
	imageNetSide     = 224
)

// ImageNet returns the cost of the DARTS paper's ImageNet network (48 channels,
// 14 cells, without the auxiliary head) of these normal and reduction cells. A
// cell that Check refuses is an error.
func ImageNet(normal, reduction cell.Cell) (Cost, error) {
	n, err := parse(normal)
	if err != nil {
		return Cost{}, err
	}
	r, err := parse(reduction)
	if err != nil {
		return Cost{}, err
	}
	return imageNet(&n, &r), nil
}

func imageNet(normal, reduction *genes) Cost {
	var c Cost
	width := imageNetChannels
	side := imageNetSide / 2
	c.convolution(3, 3, width/2, side) // stem, three convolutions of stride 2
	side /= 2
	c.convolution(3, width/2, width, side)
	side /= 2
	c.convolution(3, width, width, side)

	before, previous := width, width // channels of the two cells before
	for layer := range imageNetLayers {
		reduces := layer == imageNetLayers/3 || layer == 2*imageNetLayers/3
		g := normal
		if reduces {
			g, width = reduction, 2*width
		}
		// A factorised reduction costs what a 1x1 convolution does at its output.
		c.convolution(1, before, width, side)
		c.convolution(1, previous, width, side)
		if reduces {
			side /= 2
		}
		for _, pick := range g {
			c.operation(pick.op, width, side, reduces && pick.in < 2)
		}
		before, previous = previous, blocks*width
	}
	c.Parameters += previous*imageNetClasses + imageNetClasses
	c.MultiplyAdds += previous * imageNetClasses
	return c
}

// operation adds an operation with this many channels whose output has this
// side; strided, it halves its input.
func (c *Cost) operation(op, width, side int, strided bool) {
	switch op {
	case SkipConnect:
		if strided { // a factorised reduction
			c.convolution(1, width, width, side)
		}
	case SepConv3x3:
		c.separable(3, width, side)
		c.separable(3, width, side)
	case SepConv5x5:
		c.separable(5, width, side)
		c.separable(5, width, side)
	case DilConv3x3:
		c.separable(3, width, side)
	case DilConv5x5:
		c.separable(5, width, side)
	}
}

// separable adds a depthwise and a pointwise convolution.
func (c *Cost) separable(k, width, side int) {
	weights := k * k * width
	c.Parameters += weights
	c.MultiplyAdds += weights * side * side
	c.convolution(1, width, width, side)
}

// convolution adds a k x k convolution without bias and its batch normalisation.
func (c *Cost) convolution(k, in, out, side int) {
	weights := k * k * in * out
	c.Parameters += weights + 2*out
	c.MultiplyAdds += weights * side * side
	c.Normalised += out * side * side
}

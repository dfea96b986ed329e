package nasbench101

import "arch2vec/native/cell"

// The network that the benchmark trains around a cell: a 3x3 convolution, three
// stacks of three cells whose channels double from stack to stack, and one
// dense layer.
const (
	stemChannels  = 128
	stacks        = 3
	cellsPerStack = 3
	classCount    = 10
)

// Parameters returns the number of trainable parameters of the benchmark's
// CIFAR-10 network made of this cell, biases of the batch normalisations
// included. Channels that do not divide evenly go to the first nodes, so that
// the number can depend on the order of a cell's nodes; the table has that of
// the order in which the space holds them.
func (*Space) Parameters(c cell.Cell) (int, error) {
	c, err := reduce(c)
	if err != nil {
		return 0, err
	}
	total := convolution(3, 3, stemChannels)
	in, out := stemChannels, stemChannels
	for range stacks {
		for range cellsPerStack {
			total += parameters(c, in, out)
			in = out
		}
		out *= 2
	}
	return total + in*classCount + classCount, nil
}

// parameters is the number of one reduced cell.
func parameters(c cell.Cell, in, out int) int {
	last := c.Len() - 1
	width := channels(c, in, out)
	total := 0
	for v := 1; v <= last; v++ {
		if c.HasEdge(0, v) { // what comes from the input is projected by a 1x1 convolution
			total += convolution(1, in, width[v])
		}
		switch c.Op(v) {
		case Conv1x1:
			total += convolution(1, width[v], width[v])
		case Conv3x3:
			total += convolution(3, width[v], width[v])
		}
	}
	return total
}

// convolution is a k x k convolution without bias and its batch normalisation.
func convolution(k, in, out int) int { return k*k*in*out + 2*out }

// channels is compute_vertex_channels of the benchmark's code: the inner nodes
// that feed the output share its channels, every other node has as many as the
// widest that it feeds.
func channels(c cell.Cell, in, out int) [MaxNodes]int {
	var width [MaxNodes]int
	last := c.Len() - 1
	width[0], width[last] = in, out
	feeding := 0
	for v := 1; v < last; v++ {
		if c.HasEdge(v, last) {
			feeding++
		}
	}
	if feeding == 0 {
		return width
	}
	share, rest := out/feeding, out%feeding
	for v := 1; v < last; v++ {
		if c.HasEdge(v, last) {
			width[v] = share
			if rest > 0 {
				width[v]++
				rest--
			}
		}
	}
	for v := last - 1; v > 0; v-- {
		if c.HasEdge(v, last) {
			continue
		}
		for w := v + 1; w < last; w++ {
			if c.HasEdge(v, w) {
				width[v] = max(width[v], width[w])
			}
		}
	}
	return width
}

package benchmark

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
)

// OpenNeuralSurrogate reads the neural network by which YAHPO Gym (Pfisterer et
// al., 2022) stands in for NAS-Bench-301: a manifest in JSON that names the inputs,
// their encoding and where each tensor is, and a file of little-endian float32
// numbers. The accuracy is that after 98 epochs.
func OpenNeuralSurrogate(manifest, weights string) (*Surrogate, error) {
	var p surrogateParts
	var err error
	if p.Manifest, err = readSmall(manifest); err != nil {
		return nil, fmt.Errorf("benchmark: %s: %w", manifest, err)
	}
	if p.Network, err = readSmall(weights); err != nil {
		return nil, fmt.Errorf("benchmark: %s: %w", weights, err)
	}
	p.About = "the neural network of YAHPO Gym, 98 epochs; no test accuracy: it repeats validation"
	s, err := p.surrogate(name301)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %s and %s: %w", manifest, weights, err)
	}
	return s, nil
}

// lastEpoch301 is the last one that the network was fitted to.
const lastEpoch301 = 98

// manifest301 is the part of the manifest that is needed.
type manifest301 struct {
	Inputs   []string                  `json:"x_cat_order"`
	Encoding map[string]map[string]int `json:"encoding"`
	Tensors  []struct {
		Name   string `json:"name"`
		Shape  []int  `json:"shape"`
		Offset int    `json:"offset_floats"`
	} `json:"tensors"`
	// Tests are predictions to compare with: the weights have no checksum.
	Tests []test301 `json:"test_vectors"`
}

type test301 struct {
	Normal, Reduce string
	Epoch          int
	Accuracy       float64 `json:"val_accuracy"` // percent
	Seconds        float64 `json:"runtime_s"`
}

// check compares the network with a prediction.
func (x *test301) check(n *net301) error {
	normal, err := parseGenotype(x.Normal)
	if err != nil {
		return err
	}
	reduction, err := parseGenotype(x.Reduce)
	if err != nil {
		return err
	}
	accuracy, seconds := n.predict(&normal, &reduction, x.Epoch)
	if !(math.Abs(accuracy-x.Accuracy) < 0.01 && math.Abs(seconds-x.Seconds) < 1) {
		return fmt.Errorf("%v %% and %v s are predicted where the manifest has %v %% and %v s: the weights are damaged, or others", accuracy, seconds, x.Accuracy, x.Seconds)
	}
	return nil
}

// net301 is an embedding of each categorical input, and three stacks of layers
// whose outputs are added.
type net301 struct {
	inputs []input301
	stacks [3][]layer301 // wide, deep, deeper
}

// input301 is a categorical input: the operation on an edge, or the pair of inputs
// of a node.
type input301 struct {
	pairs     bool
	reduction bool
	number    int // of the edge, or of the node
	codes     map[string]int
	embedding [][]float32
}

type layer301 struct {
	weights [][]float32 // one row an output
	bias    []float32
}

var inputName = regexp.MustCompile(`(edge|inputs_node)_(normal|reduce)_(\d{1,2})$`)

func parseNet301(manifest, weights []byte) (*net301, error) {
	var m manifest301
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, err
	}
	numbers := make([]float32, len(weights)/4)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(weights[4*i:]))
		if v := float64(numbers[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("byte %d of the weights: %v is no weight", 4*i, v)
		}
	}
	t := tensors301{}
	for _, x := range m.Tensors {
		rows, columns := 1, 0
		switch len(x.Shape) {
		case 1:
			columns = x.Shape[0]
		case 2:
			rows, columns = x.Shape[0], x.Shape[1]
		}
		const most = 1 << 16
		if rows < 1 || columns < 1 || rows > most || columns > most || x.Offset < 0 || x.Offset > len(numbers) || rows*columns > len(numbers)-x.Offset {
			return nil, fmt.Errorf("tensor %.60q of shape %v at %d is not in the %d numbers of the weights", x.Name, x.Shape, x.Offset, len(numbers))
		}
		for r := range rows {
			t[x.Name] = append(t[x.Name], numbers[x.Offset+r*columns:][:columns])
		}
	}
	net, err := t.build(&m)
	if err != nil {
		return nil, err
	}
	for i, x := range m.Tests {
		if err := x.check(net); err != nil {
			return nil, fmt.Errorf("test vector %d: %w", i+1, err)
		}
	}
	return net, nil
}

// readSmall reads a file of at most 64 MB.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(&limited{f, 64 << 20})
}

// tensors301 are the rows of the tensors by name.
type tensors301 map[string][][]float32

// build checks that the shapes fit together.
func (t tensors301) build(m *manifest301) (*net301, error) {
	net := &net301{}
	width := 1 // the epoch
	for i, name := range m.Inputs {
		parts := inputName.FindStringSubmatch(name)
		if parts == nil {
			return nil, fmt.Errorf("input %d, %.80q, is neither an edge nor the inputs of a node", i, name)
		}
		in := input301{pairs: parts[1] == "inputs_node", reduction: parts[2] == "reduce",
			codes: m.Encoding[name], embedding: t[fmt.Sprintf("embds_fct.%d.weight", i)]}
		in.number, _ = strconv.Atoi(parts[3])
		if len(in.embedding) == 0 {
			return nil, fmt.Errorf("input %d, %.80q, has no embedding", i, name)
		}
		for code, k := range in.codes {
			if k < 0 || k >= len(in.embedding) {
				return nil, fmt.Errorf("input %d: %.40q is encoded as %d of %d", i, code, k, len(in.embedding))
			}
		}
		width += len(in.embedding[0])
		net.inputs = append(net.inputs, in)
	}
	for s, layers := range [][]string{
		{"wide.0"}, {"deep.0.1", "deep.1.1", "deep.2.0"}, {"deeper.0.1", "deeper.1.1", "deeper.2.1", "deeper.3.1", "deeper.4.0"},
	} {
		in := width
		for _, name := range layers {
			w, b := t[name+".weight"], t[name+".bias"]
			if len(w) == 0 || len(w[0]) != in || len(b) != 1 || len(b[0]) != len(w) {
				return nil, fmt.Errorf("layer %s does not take the %d numbers before it", name, in)
			}
			net.stacks[s] = append(net.stacks[s], layer301{w, b[0]})
			in = len(w)
		}
		if in != 2 {
			return nil, errors.New("the network has not two outputs")
		}
	}
	return net, nil
}

// predict returns accuracy in percent and seconds.
func (n *net301) predict(normal, reduction *genotype, epoch int) (accuracy, seconds float64) {
	var x []float32
	for i := range n.inputs {
		in := &n.inputs[i]
		g := normal
		if in.reduction {
			g = reduction
		}
		x = append(x, in.embedding[in.codes[in.value(g)]]...) // what is not encoded is 0, "#na#"
	}
	x = append(x, float32(epoch)*0.01923077)
	var sum [2]float32
	for _, stack := range n.stacks {
		h := x
		for i, l := range stack {
			h = l.forward(h, i < len(stack)-1)
		}
		sum[0] += h[0]
		sum[1] += h[1]
	}
	sigmoid := func(v float32) float64 { return 1 / (1 + math.Exp(-float64(v))) }
	// The outputs' scaling is that of the data the network was fitted to.
	return 100 * sigmoid(sum[0]), (sigmoid(sum[1])-0.01)*13132.093 + 30.557993
}

// value is what an input says of a cell.
func (in *input301) value(g *genotype) string {
	if in.pairs { // nodes 3 to 5; node 2 has only one pair
		k := 2 * (in.number - 2)
		if k < 0 || k+1 >= len(g) {
			return ""
		}
		a, b := g[k].in, g[k+1].in
		return fmt.Sprintf("%d_%d", min(a, b), max(a, b))
	}
	for k, pick := range g {
		if edge301(k, pick.in) == in.number {
			return operations301[pick.op]
		}
	}
	return ""
}

// forward is Wx + b and, but for a last layer, SELU (Klambauer et al., 2017).
func (l *layer301) forward(x []float32, activate bool) []float32 {
	const alpha, scale = 1.6732632423543772, 1.0507009873554805
	y := make([]float32, len(l.weights))
	for i, w := range l.weights {
		var sum float64
		for j, v := range x {
			sum += float64(w[j]) * float64(v)
		}
		sum += float64(l.bias[i])
		if activate {
			if sum > 0 {
				sum *= scale
			} else {
				sum = scale * alpha * math.Expm1(sum)
			}
		}
		y[i] = float32(sum)
	}
	return y
}

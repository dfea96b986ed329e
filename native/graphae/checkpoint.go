package graphae

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"arch2vec/native/f32"
	"arch2vec/native/graphae/safetensors"
	"arch2vec/native/nn"
	"arch2vec/native/space"
)

// A checkpoint is a safetensors file. Its metadata name the format, the settings
// (JSON of Config), the size of a cell, and where training stands.
const (
	checkpointFormat  = "arch2vec checkpoint"
	checkpointVersion = "1"
)

// position is where training stands.
type position struct {
	Epoch  int       `json:"epoch"`
	Step   int       `json:"step"`  // of the next epoch
	Count  int       `json:"count"` // steps in all
	Sum    float64   `json:"sum"`
	Losses []float64 `json:"losses"`
}

// Save writes all that LoadTrainer and Load need, whole or not at all.
func (t *Trainer) Save(path string) error {
	f, err := encodeModel(t.cfg, t.net, t.prior)
	if err != nil {
		return err
	}
	p, err := json.Marshal(position{t.epoch, t.pos, t.steps.count, t.sum, append([]float64{}, t.losses...)})
	if err != nil {
		return fmt.Errorf("graphae: cannot save the position: %w", err)
	}
	f.Metadata["position"] = string(p)
	params := t.net.params
	for _, x := range params.Tensors() {
		f.Tensors = append(f.Tensors,
			safetensors.Float32("adam.m."+x.Name, params.Get(params.M, x), x.Shape...),
			safetensors.Float32("adam.v."+x.Name, params.Get(params.V, x), x.Shape...))
	}
	sum, sum2 := t.epochSums()
	f.Tensors = append(f.Tensors,
		safetensors.Float64("epoch.mu", sum, nn.Parts, len(sum)/nn.Parts),
		safetensors.Float64("epoch.mu2", sum2, nn.Parts, len(sum)/nn.Parts))
	if err := f.Write(path); err != nil {
		return fmt.Errorf("graphae: %w", err)
	}
	return nil
}

// epochSums are the sums that the prior will be made from, of the epoch so far.
func (t *Trainer) epochSums() (sum, sum2 []float64) {
	for i := range t.steps.ws.parts {
		p := &t.steps.ws.parts[i]
		sum, sum2 = append(sum, p.sum...), append(sum2, p.sum2...)
	}
	return sum, sum2
}

// Save writes the model, without the state of the optimiser.
func (m *Model) Save(path string) error {
	f, err := encodeModel(m.cfg, m.net, m.prior)
	if err != nil {
		return err
	}
	if err := f.Write(path); err != nil {
		return fmt.Errorf("graphae: %w", err)
	}
	return nil
}

func encodeModel(c Config, n *network, p prior) (*safetensors.File, error) {
	settings, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("graphae: cannot save the settings: %w", err)
	}
	f := encodeNetwork(checkpointFormat, string(settings), n)
	f.Tensors = append(f.Tensors,
		safetensors.Float32("prior.mean", p.mean, n.nodes, n.latent),
		safetensors.Float32("prior.std", p.std, n.nodes, n.latent))
	return f, nil
}

// encodeNetwork makes a checkpoint of a network and its settings, as JSON.
func encodeNetwork(format, settings string, n *network) *safetensors.File {
	f := &safetensors.File{Metadata: map[string]string{
		"format": format, "version": checkpointVersion, "config": settings,
		"nodes": strconv.Itoa(n.nodes), "ops": strconv.Itoa(n.ops),
	}}
	for _, x := range n.params.Tensors() {
		f.Tensors = append(f.Tensors, safetensors.Float32(x.Name, n.params.Get(n.params.Value, x), x.Shape...))
	}
	n.encoder.state(func(name string, data []float32) {
		f.Tensors = append(f.Tensors, safetensors.Float32(name, data, len(data)))
	})
	return f
}

// Load reads a model from a checkpoint of a Model or a Trainer.
func Load(path string) (*Model, error) {
	f, err := openCheckpoint(path)
	if err != nil {
		return nil, err
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("graphae: %w", err)
	}
	m := &Model{cfg: f.config, net: newNetwork(f.shape, k, false), prior: newPrior(f.shape)}
	f.readNetwork(m.net)
	f.readPrior(m.net, m.prior)
	if err := f.finish(true); err != nil {
		return nil, err
	}
	m.net.refreshAll()
	return m, nil
}

// LoadTrainer reads a checkpoint that a Trainer on s wrote. Run then continues
// as if training had never stopped.
func LoadTrainer(s space.Space, path string) (*Trainer, error) {
	f, err := openCheckpoint(path)
	if err != nil {
		return nil, err
	}
	text, ok := f.file.Metadata["position"]
	if !ok {
		return nil, fmt.Errorf("graphae: %s holds a model without the state of the optimiser: training cannot go on from it", path)
	}
	var p position
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, f.fault("position: %v", err)
	}
	t, err := newTrainer(s, f.config)
	if err != nil {
		return nil, f.fault("%s", strings.TrimPrefix(err.Error(), "graphae: "))
	}
	if t.net.shape != f.shape {
		return nil, f.fault("it is for cells of %d nodes and %d operations, those of %s have %d and %d",
			f.shape.nodes, f.shape.ops, s.Name(), t.net.nodes, t.net.ops)
	}
	steps := t.perEpoch()
	if p.Epoch < 0 || p.Step < 0 || p.Step >= steps || p.Count != p.Epoch*steps+p.Step || len(p.Losses) != p.Epoch {
		return nil, f.fault("position epoch %d, step %d, count %d does not fit %d steps an epoch", p.Epoch, p.Step, p.Count, steps)
	}
	t.epoch, t.pos, t.sum, t.losses, t.steps.count = p.Epoch, p.Step, p.Sum, p.Losses, p.Count
	f.readNetwork(t.net)
	f.readPrior(t.net, t.prior)
	params := t.net.params
	for _, x := range params.Tensors() {
		f.read("adam.m."+x.Name, func(data []float32) { _ = params.Set(params.M, x, data) }, x.Shape...)
		f.read("adam.v."+x.Name, func(data []float32) { _ = params.Set(params.V, x, data) }, x.Shape...)
	}
	f.readSums(t)
	if err := f.finish(false); err != nil {
		return nil, err
	}
	t.net.refreshAll()
	return t, nil
}

// checkpoint is a file being read; the first fault is kept.
type checkpoint struct {
	path   string
	file   *safetensors.File
	config Config
	shape  shape
	used   map[string]bool
	err    error
}

func (f *checkpoint) fault(format string, args ...any) error {
	return fmt.Errorf("graphae: checkpoint %s: %s", f.path, fmt.Sprintf(format, args...))
}

// openCheckpoint opens the checkpoint of an autoencoder.
func openCheckpoint(path string) (*checkpoint, error) {
	var c Config
	f, err := openFormat(path, checkpointFormat, &c)
	if err != nil {
		return nil, err
	}
	f.config = c
	if err := c.Validate(); err != nil {
		return nil, f.fault("%v", err)
	}
	return f, f.size(c)
}

// openFormat opens a file of the given format and reads its settings.
func openFormat(path, format string, settings any) (*checkpoint, error) {
	file, err := safetensors.Read(path)
	if err != nil {
		return nil, fmt.Errorf("graphae: cannot load the checkpoint: %w", err)
	}
	f := &checkpoint{path: path, file: file, used: map[string]bool{}}
	meta := file.Metadata
	if meta["format"] != format {
		return nil, f.fault("its format is %q, not %q: it holds another kind of model or was not written by this program", meta["format"], format)
	}
	if meta["version"] != checkpointVersion {
		return nil, f.fault("version %q cannot be read, only %s", meta["version"], checkpointVersion)
	}
	if meta[safetensors.ChecksumKey] == "" {
		return nil, f.fault("it has no checksum")
	}
	if err := json.Unmarshal([]byte(meta["config"]), settings); err != nil {
		return nil, f.fault("settings: %v", err)
	}
	return f, nil
}

// size reads the size of a cell, and with the settings c that of the network.
func (f *checkpoint) size(c Config) error {
	meta := f.file.Metadata
	nodes, err1 := strconv.Atoi(meta["nodes"])
	ops, err2 := strconv.Atoi(meta["ops"])
	if errors.Join(err1, err2) != nil || nodes < 2 || nodes > 16 || ops < 1 || ops > 16 {
		return f.fault("%q nodes and %q operations a cell", meta["nodes"], meta["ops"])
	}
	f.shape = c.shape(nodes, ops)
	// Before memory is taken for what the settings promise: the wide products alone
	// must be in the file.
	have, need := 0, 4*f.shape.square()
	for _, x := range f.file.Tensors {
		have += len(x.Data)
	}
	if have < need {
		return f.fault("%d bytes of tensors, a model of these settings has more than %d", have, need)
	}
	return nil
}

// read hands the elements of a tensor to use, if type and shape are right.
func (f *checkpoint) read(name string, use func([]float32), shape ...int) {
	if t, ok := f.tensor(name, "F32", shape); ok {
		data, err := t.Float32s()
		if err != nil {
			f.err = err
			return
		}
		use(data)
	}
}

func (f *checkpoint) tensor(name, dtype string, shape []int) (safetensors.Tensor, bool) {
	if f.err != nil {
		return safetensors.Tensor{}, false
	}
	t, ok := f.file.Tensor(name)
	switch {
	case !ok:
		f.err = f.fault("tensor %s is missing", name)
	case t.DType != dtype || !slices.Equal(t.Shape, shape):
		f.err = f.fault("tensor %s is %s %v, not %s %v", name, t.DType, t.Shape, dtype, shape)
	}
	f.used[name] = true
	return t, f.err == nil
}

func (f *checkpoint) readNetwork(n *network) {
	for _, x := range n.params.Tensors() {
		f.read(x.Name, func(data []float32) { _ = n.params.Set(n.params.Value, x, data) }, x.Shape...)
	}
	n.encoder.state(func(name string, dst []float32) {
		f.read(name, func(data []float32) { copy(dst, data) }, len(dst))
	})
}

func (f *checkpoint) readPrior(n *network, p prior) {
	f.read("prior.mean", func(data []float32) { copy(p.mean, data) }, n.nodes, n.latent)
	f.read("prior.std", func(data []float32) { copy(p.std, data) }, n.nodes, n.latent)
}

func (f *checkpoint) readSums(t *Trainer) {
	n := t.net.nodes * t.net.latent
	for _, name := range []string{"epoch.mu", "epoch.mu2"} {
		tensor, ok := f.tensor(name, "F64", []int{nn.Parts, n})
		if !ok {
			return
		}
		data, err := tensor.Float64s()
		if err != nil {
			f.err = err
			return
		}
		for i := range t.steps.ws.parts {
			p := &t.steps.ws.parts[i]
			dst := p.sum
			if name == "epoch.mu2" {
				dst = p.sum2
			}
			copy(dst, data[i*n:(i+1)*n])
		}
	}
}

// finish returns the first fault. Unless some may be left, a tensor that nothing
// asked for is one.
func (f *checkpoint) finish(some bool) error {
	if f.err != nil || some {
		return f.err
	}
	for _, t := range f.file.Tensors {
		if !f.used[t.Name] {
			return f.fault("tensor %s is not part of a checkpoint", t.Name)
		}
	}
	return nil
}

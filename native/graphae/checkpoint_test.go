package graphae

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arch2vec/native/graphae/safetensors"
)

func TestSaveAndLoad(t *testing.T) {
	s := smallSpace(t, 120)
	tr := newTestTrainer(t, s, smallConfigs()["default"])
	train(t, tr)
	m := tr.Model()
	dir := t.TempDir()
	full, small := filepath.Join(dir, "full.safetensors"), filepath.Join(dir, "small.safetensors")
	if err := tr.Save(full); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(small); err != nil {
		t.Fatal(err)
	}
	want, err := m.Embed(context.Background(), s, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{full, small} {
		l, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		c := m.Config()
		c.Threads = 0
		if l.Config() != c {
			t.Errorf("settings %+v, want %+v", l.Config(), c)
		}
		got, err := l.Embed(context.Background(), s, 1)
		if err != nil || !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: other embeddings (%v)", filepath.Base(path), err)
		}
		if !slices.Equal(l.Draw(1, 5)[0], m.Draw(1, 5)[0]) {
			t.Errorf("%s: other draws", filepath.Base(path))
		}
	}
	if _, err := LoadTrainer(s, small); err == nil || !strings.Contains(err.Error(), "optimiser") {
		t.Errorf("training on from a model: %v", err)
	}
}

// Names and shapes are those that PyTorch would use: row-major, (out, in).
func TestCheckpointLayout(t *testing.T) {
	tr := newTestTrainer(t, smallSpace(t, 120), smallConfigs()["default"])
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := tr.Model().Save(path); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string][]int{
		"encoder.gin.0.linear1.weight": {64, 7}, "encoder.gin.1.linear2.weight": {64, 64}, "encoder.gin.1.eps": {1},
		"encoder.gin.0.norm1.running_var": {64}, "encoder.mu.weight": {16, 64}, "encoder.log_sigma.bias": {16},
		"decoder.ops.weight": {7, 16}, "prior.std": {8, 16},
	} {
		x, ok := f.Tensor(name)
		if !ok || !slices.Equal(x.Shape, shape) {
			t.Errorf("%s: %v, want %v", name, x.Shape, shape)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	s := smallSpace(t, 120)
	tr := newTestTrainer(t, s, smallConfigs()["default"])
	dir := t.TempDir()
	path := filepath.Join(dir, "c.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// change writes the checkpoint with one thing changed and a right checksum.
	change := func(edit func(f *safetensors.File)) []byte {
		f, err := safetensors.Decode(slices.Clone(good))
		if err != nil {
			t.Fatal(err)
		}
		edit(f)
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 4
	meta := func(key, value string) []byte {
		return change(func(f *safetensors.File) { f.Metadata[key] = value })
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "too short"},
		"truncated":     {good[:len(good)-1], "truncated"},
		"flipped":       {flipped, "damaged"},
		"text":          {[]byte("this is not a checkpoint, it is text"), "limit"},
		"foreign":       {change(func(f *safetensors.File) { f.Metadata = nil }), "not written by this program"},
		"newer":         {meta("version", "2"), "version"},
		"settings":      {meta("config", "{"), "settings"},
		"bad settings":  {meta("config", `{"Model":"arch2vec"}`), "epochs"},
		"other model":   {meta("config", strings.Replace(tr.configText(t), modelArch2vec, "gcn", 1)), `"gcn"`},
		"other encoder": {meta("config", strings.Replace(tr.configText(t), `"Model":"arch2vec"`, `"Model":"vgae"`, 1)), "self loop"},
		"other width":   {meta("config", strings.Replace(tr.configText(t), `"Hidden":64`, `"Hidden":96`, 1)), "is F32"},
		"far wider":     {meta("config", strings.Replace(tr.configText(t), `"Hidden":64`, `"Hidden":1024`, 1)), "bytes of tensors"},
		"nodes":         {meta("nodes", "99"), "nodes"},
		"fewer nodes":   {meta("nodes", "7"), ""},
		"position":      {meta("position", `{"epoch":1}`), "position"},
		"missing":       {change(func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }), "missing"},
		"extra":         {change(func(f *safetensors.File) { f.Tensors = append(f.Tensors, safetensors.Float32("x", nil, 0)) }), "not part"},
		"another space": {meta("config", strings.Replace(tr.configText(t), `"nasbench201"`, `"darts"`, 1)), "darts"},
	} {
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := LoadTrainer(s, path)
		if err == nil || !strings.HasPrefix(err.Error(), "graphae: ") || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with the path and %q", name, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none")); err == nil {
		t.Error("loaded a file that is not there")
	}
	// A failed save leaves the old file.
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tr.Save(filepath.Join(dir, "no", "c")); err == nil {
		t.Error("saved into a folder that is not there")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func (t *Trainer) configText(test *testing.T) string {
	f, err := encodeModel(t.cfg, t.net, t.prior)
	if err != nil {
		test.Fatal(err)
	}
	return f.Metadata["config"]
}

// Whatever a checkpoint says of itself, checksum right, loading ends with a
// model or an error. (Damaged bytes are the business of package safetensors.)
func FuzzLoad(f *testing.F) {
	s := smallSpace(f, 40)
	c := smallConfigs()["default"]
	c.Layers, c.Hidden = 1, 32
	tr, err := NewTrainer(s, c)
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "seed")
	if err := tr.Save(path); err != nil {
		f.Fatal(err)
	}
	file, err := safetensors.Read(path)
	if err != nil {
		f.Fatal(err)
	}
	meta := file.Metadata
	f.Add(meta["config"], meta["position"], meta["nodes"], meta["ops"])
	f.Add(`{}`, `{"epoch":1,"step":2,"count":3,"losses":[1]}`, "16", "1")
	f.Fuzz(func(t *testing.T, config, position, nodes, ops string) {
		meta := map[string]string{"format": meta["format"], "version": meta["version"],
			"config": config, "position": position, "nodes": nodes, "ops": ops}
		path := filepath.Join(t.TempDir(), "c")
		data, err := (&safetensors.File{Tensors: file.Tensors, Metadata: meta}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = LoadTrainer(s, path)
		if _, err2 := Load(path); err == nil && err2 != nil {
			t.Errorf("a trainer, but not a model: %v", err2)
		}
	})
}

package graphae

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"arch2vec/native/cell"
	"arch2vec/native/f32"
	"arch2vec/native/graphae/safetensors"
	"arch2vec/native/space"
)

const supervisedFormat = "arch2vec supervised checkpoint"

// Config returns the settings it was trained with.
func (m *Supervised) Config() SupervisedConfig { return m.cfg }

// HeldOut returns the cells that were given but not trained on; none when it was
// loaded from a file.
func (m *Supervised) HeldOut() []int { return slices.Clone(m.heldOut) }

// Parameters is the number of learned parameters.
func (m *Supervised) Parameters() int { return m.model.Parameters() }

// Dim is the dimension of a cell's code.
func (m *Supervised) Dim() int { return m.model.Dim() }

// Predict returns the predictions for the cells with these numbers in s, in
// their order and in units of the targets; nil stands for all cells of s. Threads
// 0 stands for all; the result does not depend on it.
func (m *Supervised) Predict(ctx context.Context, s space.Space, cells []int, threads int) ([]float64, error) {
	if err := m.model.fits(s); err != nil {
		return nil, err
	}
	if err := checkCells(s, cells); err != nil {
		return nil, err
	}
	total, get := len(cells), func(i int) cell.Cell { return s.Cell(cells[i]) }
	if cells == nil {
		total, get = s.Len(), s.Cell
	}
	out := make([]float64, total)
	err := m.model.each(ctx, threads, total, get, func(f *inference, first, graphs int) {
		n := f.net
		for g := range graphs {
			n.pool(f.head, g, f.ws.z[g*f32.Width:][:n.latent])
		}
		n.decoder.Forward(n.k, 0, graphs, f.ws.z, f.ws.stride, f.ws.logit)
		for g := range graphs {
			out[first+g] = m.mean + m.std*float64(f.ws.logit[g*f32.Width])
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Embed returns the codes of all cells of s. Threads 0 stands for all; the result
// does not depend on it.
func (m *Supervised) Embed(ctx context.Context, s space.Space, threads int) (*Embeddings, error) {
	return m.model.Embed(ctx, s, threads)
}

// Save writes the model, whole or not at all.
func (m *Supervised) Save(path string) error {
	settings, err := json.Marshal(m.cfg)
	if err != nil {
		return fmt.Errorf("graphae: cannot save the settings: %w", err)
	}
	f := encodeNetwork(supervisedFormat, string(settings), m.model.net)
	f.Tensors = append(f.Tensors, safetensors.Float64("target", []float64{m.mean, m.std}, 2))
	if err := f.Write(path); err != nil {
		return fmt.Errorf("graphae: %w", err)
	}
	return nil
}

// LoadSupervised reads a model that Save wrote. A damaged file, or one that holds
// something else, is an error that says so.
func LoadSupervised(path string) (*Supervised, error) {
	m := &Supervised{}
	f, err := openFormat(path, supervisedFormat, &m.cfg)
	if err != nil {
		return nil, err
	}
	if err := m.cfg.Validate(); err != nil {
		return nil, f.fault("%v", err)
	}
	c := m.cfg.config()
	if err := f.size(c); err != nil {
		return nil, err
	}
	k, err := f32.FromEnv()
	if err != nil {
		return nil, fmt.Errorf("graphae: %w", err)
	}
	m.model = Model{cfg: c, net: newNetwork(f.shape, k, false)}
	f.readNetwork(m.model.net)
	if t, ok := f.tensor("target", "F64", []int{2}); ok {
		var v []float64
		if v, f.err = t.Float64s(); f.err == nil {
			m.mean, m.std = v[0], v[1]
		}
	}
	if err := f.finish(false); err != nil {
		return nil, err
	}
	if !(m.std > 0) || math.IsInf(m.std, 0) || math.IsNaN(m.mean) || math.IsInf(m.mean, 0) {
		return nil, f.fault("targets of mean %v and standard deviation %v", m.mean, m.std)
	}
	m.model.net.refreshAll()
	return m, nil
}

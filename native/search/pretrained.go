package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
)

// Pretraining returns the settings of the autoencoder whose embeddings a search of a
// space uses unless told otherwise: those of graphae, default or published.
func Pretraining(spaceName string, reference bool) graphae.Config {
	if reference {
		return graphae.ReferenceConfig(spaceName)
	}
	return graphae.DefaultConfig(spaceName)
}

// Pretrained returns the embeddings of all cells of s by a model with these settings.
// The model is in the user's cache folder, or is trained, which takes from seconds to
// minutes, and kept there for the next time; progress, unless nil, is told how the
// training goes. Training that was cut short goes on where it was. Threads 0 stands
// for all; the result does not depend on it.
func Pretrained(ctx context.Context, s space.Space, kind PoolKind, c graphae.Config, threads int, progress func(graphae.Progress)) (*Pool, error) {
	if kind == NoPool {
		return nil, errors.New("search: asked for embeddings of no kind")
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	c.Space, c.Cells = s.Name(), s.ID()
	key, err := modelKey(c)
	if err != nil {
		return nil, err
	}
	model, err := cachedModel(ctx, s, c, key, threads, progress)
	if err != nil {
		return nil, err
	}
	embed, id := model.Embed, "mean-"+key
	if kind == NodesPool {
		embed, id = model.EmbedNodes, "nodes-"+key
	}
	e, err := embed(ctx, s, threads)
	if err != nil {
		return nil, err
	}
	return &Pool{Space: s, Dim: e.Dim, Z: e.Data, ID: id}, nil
}

// modelVersion is part of the name of a cached model: raise it when the same
// settings begin to give another model.
const modelVersion = 1

// modelKey names a model by its settings.
func modelKey(c graphae.Config) (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("search: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(b, "version %d", modelVersion))
	return c.Cells + "-" + hex.EncodeToString(sum[:6]), nil
}

// cachedModel loads a model from the cache, or trains it.
func cachedModel(ctx context.Context, s space.Space, c graphae.Config, key string, threads int, progress func(graphae.Progress)) (*graphae.Model, error) {
	folder, err := os.UserCacheDir()
	if err != nil { // no cache: train
		return train(ctx, s, c, "", threads, progress)
	}
	folder = filepath.Join(folder, "arch2vec", "models")
	path := filepath.Join(folder, key+".safetensors")
	if m, err := graphae.Load(path); err == nil {
		return m, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		// Damaged: it is made again.
		_ = os.Remove(path)
	}
	unfinished := path + ".training"
	if os.MkdirAll(folder, 0o755) != nil {
		unfinished = ""
	}
	m, err := train(ctx, s, c, unfinished, threads, progress)
	if err != nil {
		return nil, err
	}
	if m.Save(path) == nil { // a cache: without it the next search takes longer
		_ = os.Remove(unfinished)
	}
	return m, nil
}

// keepEvery is how much of a training an end before its time can cost.
const keepEvery = 10 * time.Second

// train trains a model, going on from the unfinished one at the path, if there is,
// and leaving one there when ctx ends.
func train(ctx context.Context, s space.Space, c graphae.Config, path string, threads int, progress func(graphae.Progress)) (*graphae.Model, error) {
	t, err := graphae.LoadTrainer(s, path)
	if path == "" || err != nil {
		if t, err = graphae.NewTrainer(s, c); err != nil {
			return nil, err
		}
	}
	t.SetThreads(min(threads, 4))
	saved := time.Now()
	err = t.Run(ctx, func(p graphae.Progress) {
		if path != "" && time.Since(saved) > keepEvery {
			_ = t.Save(path)
			saved = time.Now()
		}
		if progress != nil {
			progress(p)
		}
	})
	if err != nil {
		if path != "" {
			_ = t.Save(path)
		}
		return nil, err
	}
	return t.Model(), nil
}

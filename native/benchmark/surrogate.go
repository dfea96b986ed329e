package benchmark

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"arch2vec/native/aside"
)

// surrogateParts is what a Surrogate is made of, as a library keeps it: linear
// models, or a network.
type surrogateParts struct {
	About    string  `json:"about"`
	Source   Source  `json:"source"`
	Accuracy *linear `json:"accuracy,omitempty"`
	Seconds  *linear `json:"seconds,omitempty"` // of the logarithm
	Manifest []byte  `json:"manifest,omitempty"`
	Network  []byte  `json:"network,omitempty"`
}

// surrogate makes one of its parts.
func (p surrogateParts) surrogate(name string) (*Surrogate, error) {
	s := &Surrogate{name: name + "/" + CIFAR10.String(), about: p.About, parts: p}
	if p.Manifest != nil {
		net, err := parseNet301(p.Manifest, p.Network)
		if err != nil {
			return nil, err
		}
		s.model = func(normal, reduction *genotype) Score {
			v, seconds := net.predict(normal, reduction, lastEpoch301)
			return Score{Validation: v, Test: v, Cost: seconds}
		}
		return s, nil
	}
	for _, m := range []*linear{p.Accuracy, p.Seconds} {
		if m != nil && (len(m.Mean) != features301 || len(m.Weights) != features301) {
			return nil, fmt.Errorf("a model of %d features, want %d", len(m.Weights), features301)
		}
	}
	if p.Accuracy == nil {
		return nil, errors.New("no model")
	}
	s.model = func(normal, reduction *genotype) Score {
		x := features(normal, reduction)
		v := min(max(p.Accuracy.predict(x), 0), 100)
		score := Score{Validation: v, Test: v}
		if p.Seconds != nil {
			score.Cost = math.Exp(p.Seconds.predict(x))
		}
		return score
	}
	return s, nil
}

// The two files of the neural surrogate are told by their endings.
const (
	manifestEnd = "_manifest.json"
	weightsEnd  = "_weights.f32le.bin"
)

// readSurrogate reads a surrogate from a file: a table to fit one to, or the
// manifest of a network, whose weights are beside it. A file that is something
// else is no surrogate, and no error.
func readSurrogate(ctx context.Context, path string) (*Surrogate, error) {
	if stem, ok := strings.CutSuffix(path, manifestEnd); ok {
		return OpenNeuralSurrogate(path, stem+weightsEnd)
	}
	if !IsSurrogate(path) {
		return nil, nil
	}
	return FitSurrogate(ctx, path)
}

const surrogateSuffix = ".surrogate"

// IsSurrogate reports whether a file is for ImportSurrogate, rather than Import.
func IsSurrogate(path string) bool {
	if strings.HasSuffix(path, manifestEnd) {
		return true
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false // to open a pipe would wait for its other end
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	plain, err := gunzip(f)
	if err != nil {
		return false
	}
	head := make([]byte, len(headSurrogate))
	_, err = io.ReadFull(plain, head)
	return err == nil && string(head) == headSurrogate
}

// headSurrogate begins a table to fit a surrogate to.
const headSurrogate = "normal,reduce,"

// ImportSurrogate reads a surrogate for DARTS cells, as FitSurrogate or, for a file
// that ends in _manifest.json with another in _weights.f32le.bin beside it,
// OpenNeuralSurrogate do, and keeps it under a name; "" stands for "nasbench301".
func (l Library) ImportSurrogate(ctx context.Context, path, name string) (*Surrogate, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if name == "" {
		name = name301
	}
	s, err := readSurrogate(ctx, path)
	if err == nil && s == nil {
		err = fmt.Errorf("benchmark: %s: it is no surrogate", path)
	}
	if err != nil {
		return nil, err
	}
	if s.parts.Source, err = identify(ctx, path); err != nil {
		return nil, err
	}
	to, err := l.path(name, surrogateSuffix)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(s.parts)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	sum := sha256.Sum256(text)
	err = aside.WriteBytes(to, 0o644, append([]byte(hex.EncodeToString(sum[:])+"\n"), text...))
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	if err := l.replaced(name, librarySuffix); err != nil {
		return nil, err
	}
	return s.parts.surrogate(name)
}

// OpenSurrogate opens an imported surrogate.
func (l Library) OpenSurrogate(name string) (*Surrogate, error) {
	path, err := l.path(name, surrogateSuffix)
	if err != nil {
		return nil, err
	}
	p, err := readParts(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NotImportedError{name, l.names()}
	}
	if err != nil {
		return nil, fmt.Errorf("benchmark: %s: %w: import it again", path, err)
	}
	s, err := p.surrogate(name)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %s: %w: import it again", path, err)
	}
	return s, nil
}

// readParts reads a file of the library: a SHA-256, and what it is of.
func readParts(path string) (p surrogateParts, err error) {
	b, err := readSmall(path)
	if err != nil {
		return p, err
	}
	sum, text, _ := bytes.Cut(b, []byte("\n"))
	if want := sha256.Sum256(text); hex.EncodeToString(want[:]) != string(sum) {
		return p, errors.New("damaged: its checksum is wrong")
	}
	return p, json.Unmarshal(text, &p)
}

// openSurrogate opens an imported one, or a file; nothing if it is neither.
func (l Library) openSurrogate(ctx context.Context, nameOrPath string) (*Surrogate, error) {
	if validName.MatchString(nameOrPath) {
		s, err := l.OpenSurrogate(nameOrPath)
		var not *NotImportedError
		if !errors.As(err, &not) {
			return s, err
		}
	}
	return readSurrogate(ctx, nameOrPath)
}

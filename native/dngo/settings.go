package dngo

import (
	"errors"
	"fmt"
	"strings"
)

// Settings say how to train. Start from [DefaultSettings] or [ReferenceSettings]
// and change fields.
type Settings struct {
	// Hidden is the number of tanh units, a multiple of 32.
	Hidden int `json:"hidden"`
	// Epochs is the number of passes over the points, Batch the number of points in a
	// step. Points are drawn in a new order in each epoch; those left over at its end,
	// fewer than Batch, are left out, as in the published code.
	Epochs int `json:"epochs"`
	Batch  int `json:"batch"`
	// Rate is Adam's step size.
	Rate float64 `json:"rate"`
	// Standardise brings the targets to mean 0 and variance 1 before anything else,
	// and predictions back. The published search does not: its prior then holds the
	// accuracy of every cell to be 0 with some variance.
	Standardise bool `json:"standardise"`
	// PublishedLikelihood maximises what the published code does, in which the norm of
	// the residuals is not squared, and the determinant of K is taken in float32,
	// where it overflows, with 1e-10 added.
	PublishedLikelihood bool `json:"published_likelihood"`
}

// DefaultSettings returns the published sizes, with standardised targets and the
// marginal likelihood.
func DefaultSettings() Settings {
	return Settings{Hidden: 128, Epochs: 100, Batch: 10, Rate: 0.01, Standardise: true}
}

// ReferenceSettings returns the settings of arch2vec's published searches, defects
// included.
func ReferenceSettings() Settings {
	s := DefaultSettings()
	s.Standardise, s.PublishedLikelihood = false, true
	return s
}

// Validate reports every setting that is out of range.
func (s Settings) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(s.Hidden >= 32 && s.Hidden <= 1024 && s.Hidden%32 == 0, "hidden width is %d, must be a multiple of 32 up to 1024", s.Hidden)
	check(s.Epochs >= 1 && s.Epochs <= 1_000_000, "epochs is %d, must be at least 1", s.Epochs)
	check(s.Batch >= 1 && s.Batch <= 4096, "batch size is %d, must be 1 to 4096", s.Batch)
	check(s.Rate > 0 && s.Rate <= 10, "learning rate is %v, must be in (0, 10]", s.Rate)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("dngo: invalid settings: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

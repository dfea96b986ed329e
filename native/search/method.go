package search

import (
	"fmt"
	"strings"

	"arch2vec/native/space/nasbench201"
)

// Method is an entry in the table of methods.
type Method struct {
	Name  string // as on the command line
	About string // one line
	Pool  PoolKind
	// Default returns the settings that we hold right for a space (one of
	// space.Names), Reference those that were published, defects included; nil where
	// nothing was.
	Default, Reference func(spaceName string) Settings
	// Overrun says that the published code counts the query that crosses a budget
	// in seconds.
	Overrun bool
}

// Methods lists all methods.
func Methods() []Method {
	return append([]Method{
		{
			Name: "random", About: "random search",
			Default:   func(string) Settings { return Random{} },
			Reference: func(string) Settings { return Random{Repeat: true} },
		},
		{
			Name: "evolution", About: "regularized evolution (Real et al., 2019)",
			Default:   func(string) Settings { return Evolution{Population: 10, Sample: 3} },
			Reference: referenceEvolution,
		},
		{
			Name: "reinforce", About: "REINFORCE on the discrete encoding",
			Default:   func(string) Settings { return Reinforce{LearningRate: 0.1, Momentum: 0.9} },
			Reference: func(string) Settings { return Reinforce{LearningRate: 0.001, Momentum: 0.9, Repeat: true} },
		},
		{
			Name: "bohb", About: "BOHB (Falkner et al., 2018)",
			Default: func(string) Settings {
				return BOHB{Eta: 3, MinBudget: 12, MaxBudget: 200, Random: 1. / 3, Good: 0.15, Candidates: 64, Factor: 3, MinWidth: 0.001}
			},
			Reference: referenceBOHB,
		},
		{
			Name: "bananas", About: "BANANAS (White et al., 2021)",
			Default:   func(string) Settings { return bananasSettings() },
			Reference: func(string) Settings { return bananasSettings() },
		},
		{
			Name: "local", About: "local search (White et al., 2021)",
			Default:   func(string) Settings { return Local{} },
			Reference: func(string) Settings { return Local{Steepest: true} },
		},
		{
			Name: "gp", About: "Bayesian optimisation on discrete cells: GP with a Hamming or Weisfeiler-Lehman kernel",
			Default: func(string) Settings { return GP{Initial: 10, Whole: 20000, Near: 5, Candidates: 400} },
		},
	}, arch2vecMethods()...)
}

// Lookup returns the method with this name; an unknown one is an error that lists
// the known ones.
func Lookup(name string) (Method, error) {
	var names []string
	for _, m := range Methods() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fmt.Errorf("search: no method %q (there are: %s)", name, strings.Join(names, ", "))
}

// SettingsOf returns the settings of a method for a space: the default ones, or
// those that were published.
func SettingsOf(method, spaceName string, reference bool) (Settings, error) {
	m, err := Lookup(method)
	if err != nil {
		return nil, err
	}
	if !reference {
		return m.Default(spaceName), nil
	}
	if m.Reference == nil {
		return nil, fmt.Errorf("search: no settings of %s were published; leave out the reference", method)
	}
	return m.Reference(spaceName), nil
}

// referenceEvolution has the settings of the experiments of NAS-Bench-201, and of
// NAS-Bench-101 for other spaces.
func referenceEvolution(spaceName string) Settings {
	if spaceName == nasbench201.Name {
		return Evolution{Population: 10, Sample: 3, Published: true}
	}
	return Evolution{Population: 100, Sample: 10, Published: true}
}

// referenceBOHB likewise.
func referenceBOHB(spaceName string) Settings {
	if spaceName == nasbench201.Name {
		return BOHB{Eta: 3, MinBudget: 12, MaxBudget: 200, Random: 0, Good: 0.15, Candidates: 4, Factor: 3, MinWidth: 0.3, Published: true}
	}
	return BOHB{Eta: 3, MinBudget: 4, MaxBudget: 108, Random: 0.33, Good: 0.15, Candidates: 64, Factor: 3, MinWidth: 0.3, Published: true}
}

// bananasSettings are those of the paper's experiments.
func bananasSettings() Bananas {
	return Bananas{Initial: 10, Batch: 10, Candidates: 100, Near: 10, Length: 3, Networks: 5, Layers: 10, Width: 20, Epochs: 150, LearningRate: 0.01}
}

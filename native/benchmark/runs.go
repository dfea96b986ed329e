package benchmark

import (
	"fmt"

	"arch2vec/native/space/nasbench101"
	"arch2vec/native/space/nasbench201"
)

// Runs selects the training runs that a table's scores come from. The zero value
// is what the package's documentation describes, on CIFAR-10.
type Runs struct {
	Dataset Dataset
	// Epochs is the length of the runs, which their learning rate follows: 200 or 12
	// on NAS-Bench-201; 108, 36, 12 or 4 on NAS-Bench-101. 0 stands for the longest.
	Epochs int
	// At is the epoch after which a run was evaluated; 0 stands for the last. A run
	// of 200 epochs after its 12th is not a run of 12 epochs.
	At int
	// Seed selects one run: 777, 888 or 999 on NAS-Bench-201, 1, 2 or 3 on
	// NAS-Bench-101. 0 stands for the mean over all runs of the file.
	Seed int
	// SearchOn is the split that Score.Validation has. With Test a search sees what
	// it will be judged by: for comparisons with work that did so.
	SearchOn Split
	// CostEpochs is how many epochs a query costs, as a part of the time of the whole
	// run. 0 stands for what arch2vec's published code charges: 12 on NAS-Bench-201's
	// CIFAR-10, otherwise the whole run.
	CostEpochs int
}

// withDefaults fills in what zero stands for.
func (r Runs) withDefaults(space string) Runs {
	if r.Epochs == 0 {
		r.Epochs = longest(space)
	}
	if r.At == 0 {
		r.At = r.Epochs
	}
	if r.CostEpochs == 0 {
		r.CostEpochs = r.Epochs
		if space == nasbench201.Name && r.Dataset == CIFAR10 {
			r.CostEpochs = min(12, r.Epochs)
		}
	}
	return r
}

// longest is the length of the longest runs on a space.
func longest(space string) int {
	switch space {
	case nasbench101.Name:
		return 108
	case nasbench201.Name:
		return 200
	}
	return 0
}

func (r Runs) validate() error {
	switch {
	case r.Dataset < 0 || int(r.Dataset) >= len(datasets):
		return fmt.Errorf("benchmark: Runs.Dataset is %v, want one of %v", r.Dataset, datasets)
	case r.SearchOn < 0 || int(r.SearchOn) >= len(splits):
		return fmt.Errorf("benchmark: Runs.SearchOn is %v, want one of %v", r.SearchOn, splits)
	case r.Epochs < 0 || r.At < 0 || r.Seed < 0 || r.CostEpochs < 0:
		return fmt.Errorf("benchmark: Runs has a negative number: %+v", r)
	case r.At > r.Epochs:
		return fmt.Errorf("benchmark: Runs.At is %d, in runs of %d epochs", r.At, r.Epochs)
	}
	return nil
}

// String describes the runs: "cifar10, 200 epochs, mean over seeds".
func (r Runs) String() string {
	at := ""
	if r.At != r.Epochs {
		at = fmt.Sprintf("after epoch %d of ", r.At)
	}
	seed := "mean over seeds"
	if r.Seed != 0 {
		seed = fmt.Sprintf("seed %d", r.Seed)
	}
	return fmt.Sprintf("%v, %s%d epochs, %s", r.Dataset, at, r.Epochs, seed)
}

package benchmark

import (
	"fmt"
	"strings"
)

// Dataset is what networks are trained on.
type Dataset int

// The data sets of the benchmarks.
const (
	CIFAR10 Dataset = iota
	CIFAR100
	ImageNet16120 // ImageNet16-120: 120 classes of ImageNet at 16 x 16 pixels
)

var datasets = []string{CIFAR10: "cifar10", CIFAR100: "cifar100", ImageNet16120: "imagenet16-120"}

// Datasets lists all data sets.
func Datasets() []Dataset { return []Dataset{CIFAR10, CIFAR100, ImageNet16120} }

// String returns the name that ParseDataset reads.
func (d Dataset) String() string { return name(datasets, int(d), "Dataset") }

// ParseDataset reads "cifar10", "cifar100" or "imagenet16-120".
func ParseDataset(text string) (Dataset, error) {
	for d, name := range datasets {
		if name == text {
			return Dataset(d), nil
		}
	}
	return 0, fmt.Errorf("benchmark: no data set %q (there are: %s)", text, strings.Join(datasets, ", "))
}

// Split says which images an accuracy was measured on.
type Split int

// The splits.
const (
	// Validation: images held out of the training set (of the test set on CIFAR-100
	// and ImageNet16-120).
	Validation Split = iota
	// Test: the test images, or the half of them that is not for validation. On
	// NAS-Bench-201's CIFAR-10 the network was trained on the whole training set.
	Test
	// TestOfHalf is NAS-Bench-201's CIFAR-10 only: the test accuracy of the networks
	// that were trained on half of the training set, those of Validation.
	TestOfHalf
	// Train: the images of the training itself; on NAS-Bench-201's CIFAR-10, those
	// of the networks of Validation.
	Train
)

var splits = []string{Validation: "validation", Test: "test", TestOfHalf: "test-of-half", Train: "train"}

// String returns a name such as "validation".
func (s Split) String() string { return name(splits, int(s), "Split") }

func name(names []string, i int, kind string) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, i)
	}
	return names[i]
}

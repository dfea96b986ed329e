package benchmark

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"arch2vec/native/benchmark/internal/pickle"
	"arch2vec/native/space/nasbench201"
)

// run201 is one training of NAS-Bench-201, what a "ResultsCount" of its files says.
type run201 struct {
	epochs   int
	accuracy map[string]float64 // percent after the last epoch, by set: "train", "x-valid", ...
	seconds  float64            // of training; NaN where the file does not say
	latency  float64            // seconds a batch; NaN where the file does not say
}

// trained201 names a training: one of four sets of images, and a seed.
type trained201 struct {
	on           string // "cifar10-valid", "cifar10", "cifar100" or "ImageNet16-120"
	seed, epochs int
}

// images201 is how many images an epoch of training has.
var images201 = map[string]float64{"cifar10-valid": 25000, "cifar10": 50000, "cifar100": 50000, "ImageNet16-120": 151700}

// decoder201 reads the pickles of NAS-Bench-201 and NATS-Bench. All of their
// layouts have the same two dictionaries somewhere inside: of a training and, around
// those, of a cell. They are taken as soon as they are filled, and forgotten.
type decoder201 struct {
	*pickle.Decoder
	emit    func(trained map[trained201]run201, arch string) error
	forgets int
}

func newDecoder201(d *pickle.Decoder, emit func(map[trained201]run201, string) error) *decoder201 {
	x := &decoder201{Decoder: d, emit: emit}
	d.Filled = x.filled
	return x
}

func (x *decoder201) filled(d *pickle.Dict) error {
	if len(d.Items) > mostFields {
		return nil // neither of the two; looking into a dictionary that grows takes ever longer
	}
	if accs, ok := d.Get("eval_acc1es").(*pickle.Dict); ok {
		if _, ok := d.Find("eval_losses"); ok { // the last to come
			return x.training(d, accs)
		}
		return nil
	}
	all, ok1 := d.Get("all_results").(*pickle.Dict)
	arch, ok2 := d.Get("arch_str").(string)
	if !ok1 || !ok2 {
		return nil
	}
	trained := make(map[trained201]run201, len(all.Items))
	for _, item := range all.Items {
		k, err := key201(item.Key)
		if err != nil {
			return fmt.Errorf("cell %s: %w", arch, err)
		}
		run, ok := item.Value.(*pickle.Dict)
		if !ok {
			return fmt.Errorf("cell %s: %v is no training", arch, k)
		}
		if accs, ok := run.Get("eval_acc1es").(*pickle.Dict); ok { // it has no losses
			if err := x.training(run, accs); err != nil {
				return fmt.Errorf("cell %s: %v: %w", arch, k, err)
			}
		}
		r, ok := run.Taken.(run201)
		if !ok {
			return fmt.Errorf("cell %s: %v has no accuracies", arch, k)
		}
		k.epochs = r.epochs
		trained[k] = r
	}
	if err := x.emit(trained, arch); err != nil {
		return err
	}
	x.Drop(d)
	x.Forget(x.forgets)
	x.forgets = x.Mark()
	return nil
}

// mostFields is more than the entries of a training, which are 16, or of a cell.
const mostFields = 100

// key201 reads a key of all_results, a pair of set and seed.
func key201(k any) (trained201, error) {
	t, _ := k.(pickle.Tuple)
	if len(t) != 2 {
		return trained201{}, errors.New("a training is not named by a pair of a set of images and a seed")
	}
	on, ok1 := t[0].(string)
	seed, ok2 := t[1].(int64)
	if !ok1 || !ok2 || images201[on] == 0 || seed < 1 || seed >= 1e9 {
		return trained201{}, fmt.Errorf("a training is named %.40q and %d, want one of its sets of images, and a seed", on, seed)
	}
	return trained201{on: on, seed: int(seed)}, nil
}

// training takes what counts of a training and empties the rest.
func (x *decoder201) training(d, accs *pickle.Dict) error {
	epochs, ok := d.Get("epochs").(int64)
	if !ok || epochs < 1 || epochs > 10000 {
		return errors.New("a training does not say its number of epochs")
	}
	run := run201{epochs: int(epochs), accuracy: map[string]float64{}, seconds: missing, latency: mean201(d.Get("latency"))}
	suffix := fmt.Sprintf("@%d", epochs-1)
	for _, item := range accs.Items {
		if name, ok := item.Key.(string); ok && strings.HasSuffix(name, suffix) {
			if v, ok := number(item.Value); ok {
				run.accuracy[strings.TrimSuffix(name, suffix)] = v
			}
		}
	}
	if train, ok := d.Get("train_acc1es").(*pickle.Dict); ok {
		if v, ok := number(train.Get(epochs - 1)); ok {
			run.accuracy["train"] = v
		}
	}
	if times, ok := d.Get("train_times").(*pickle.Dict); ok && len(times.Items) == int(epochs) {
		run.seconds = 0
		for _, item := range times.Items {
			v, ok := number(item.Value)
			if !ok {
				return errors.New("a training has times that are no numbers")
			}
			run.seconds += v
		}
	}
	x.Drop(d)
	d.Taken = run
	return nil
}

// mean201 averages a list of numbers; NaN when it is none.
func mean201(v any) float64 {
	list, ok := v.(*pickle.List)
	if !ok {
		return missing
	}
	sum, n := 0.0, 0
	for _, v := range list.Items {
		if f, ok := number(v); ok {
			sum += f
			n++
		}
	}
	return sum / float64(n)
}

// number is a Python number, of either kind.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// rows201 gathers cells of NAS-Bench-201.
type rows201 struct {
	*rows
	cells int
	// untimed are the trainings whose time is to be estimated when all are there, and
	// timed what to estimate them of, by cell.
	untimed, timed map[int]map[trained201]run201
}

func newRows201() *rows201 {
	return &rows201{rows: newRows(nasbench201.New()), untimed: map[int]map[trained201]run201{}, timed: map[int]map[trained201]run201{}}
}

// columns201 says where the accuracies of a training go.
var columns201 = map[string]map[string]struct {
	set   Dataset
	split Split
}{
	"cifar10-valid":  {"x-valid": {CIFAR10, Validation}, "ori-test": {CIFAR10, TestOfHalf}, "train": {CIFAR10, Train}},
	"cifar10":        {"ori-test": {CIFAR10, Test}},
	"cifar100":       {"x-valid": {CIFAR100, Validation}, "x-test": {CIFAR100, Test}, "train": {CIFAR100, Train}},
	"ImageNet16-120": {"x-valid": {ImageNet16120, Validation}, "x-test": {ImageNet16120, Test}, "train": {ImageNet16120, Train}},
}

// timed201 are the trainings whose time is charged.
var timed201 = map[string]Dataset{"cifar10-valid": CIFAR10, "cifar100": CIFAR100, "ImageNet16-120": ImageNet16120}

// add takes trainings of one cell; its short and its long ones come apart.
func (r *rows201) add(trained map[trained201]run201, arch string) error {
	s := nasbench201.New()
	c, err := s.Parse(arch)
	if err != nil {
		return err
	}
	r.cells++
	i, _ := s.Index(c)
	for t, run := range trained {
		for set, v := range run.accuracy {
			to, ok := columns201[t.on][set]
			if !ok {
				continue
			}
			if err := r.set(i, key{to.set, accuracy(to.split), t.epochs, t.epochs, t.seed}, v); err != nil {
				return fmt.Errorf("cell %s: %s of %s: %w", arch, set, t.on, err)
			}
		}
		set, ok := timed201[t.on]
		run.accuracy = nil
		switch {
		case ok && math.IsNaN(run.seconds):
			keep(r.untimed, i, t, run)
		case ok:
			if err := r.set(i, key{set, seconds, t.epochs, t.epochs, t.seed}, run.seconds); err != nil {
				return fmt.Errorf("cell %s: time of %s: %w", arch, t.on, err)
			}
			if t.on == "cifar10-valid" {
				keep(r.timed, i, t, run)
			}
		}
	}
	return nil
}

func keep(in map[int]map[trained201]run201, i int, t trained201, run run201) {
	if in[i] == nil {
		in[i] = map[trained201]run201{}
	}
	in[i][t] = run
}

// set puts one number where none was.
func (r *rows201) set(i int, k key, v float64) error {
	if err := k.quantity.check(v); err != nil {
		return err
	}
	values, err := r.rows.add(k)
	if err != nil {
		return err
	}
	if !math.IsNaN(values[i]) {
		return errors.New("it is there twice")
	}
	values[i] = v
	return nil
}

// finish estimates the times that the file does not have. The first file of the
// benchmark, v1_0, has times only of the short trainings on half of CIFAR-10, for
// the long ones were on many kinds of machines; arch2vec's code estimates those in
// proportion to epochs, images and latency.
func (r *rows201) finish() (*Data, error) {
	if r.cells == 0 {
		return nil, errors.New("no results of a cell are in it")
	}
	for i, runs := range r.untimed {
		for t, run := range runs {
			if time := estimate201(t, run, r.timed[i]); !math.IsNaN(time) {
				if err := r.set(i, key{timed201[t.on], seconds, t.epochs, t.epochs, t.seed}, time); err != nil {
					return nil, fmt.Errorf("an estimate of a time: %w", err)
				}
			}
		}
	}
	return r.data(nasbench201.Name), nil
}

// estimate201 is the time of a training by the mean of shorter ones.
func estimate201(t trained201, run run201, timed map[trained201]run201) float64 {
	var estimates []float64
	for o, short := range timed {
		if o.epochs >= t.epochs {
			continue
		}
		est := short.seconds / float64(o.epochs) * float64(t.epochs) / images201[o.on] * images201[t.on]
		if ratio := run.latency / short.latency; ratio > 0 && !math.IsInf(ratio, 0) {
			est *= ratio
		}
		estimates = append(estimates, est)
	}
	slices.Sort(estimates) // a map has no order, and sums depend on it
	sum := 0.0
	for _, v := range estimates {
		sum += v
	}
	return sum / float64(len(estimates)) // none: NaN
}

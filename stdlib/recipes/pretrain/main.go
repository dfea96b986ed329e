// Pretrain learns embeddings of a search space's cells without labels: it
// trains the variational graph isomorphism autoencoder of arch2vec (Yan et al.,
// NeurIPS 2020) on nine tenths of the space, and measures on the rest what the
// paper's pretraining table reports.
//
// Usage: pretrain SPACE [flags]; pretrain --help lists them. Progress goes to
// standard error, with --each-epoch the measurements after every epoch too; the
// result is a table on standard output, or one line of JSON with --json. Exit
// status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"arch2vec/native/graphae"
	"arch2vec/native/space"
	"github.com/schollz/progressbar/v3"
)

// result is the line that --json prints; accuracies, validity and uniqueness
// are percentages. validity follows the published check and validity_strict the
// space's own rules; uniqueness counts distinct decodings among the former,
// uniqueness_iso distinct isomorphism classes among the latter, all of draws
// from the paper's prior. The keys on ours are of draws by our sampler, beside
// them the uniqueness that uniform draws over the space would have; novelty is
// the share of ours that are no network trained on.
type result struct {
	Space          string  `json:"space"`
	Model          string  `json:"model"`
	Reference      bool    `json:"reference"`
	Epochs         int     `json:"epochs"`
	Seed           uint64  `json:"seed"`
	Loss           float64 `json:"loss"`
	OpsAccuracy    float64 `json:"ops_accuracy"`
	EdgeAccuracy   float64 `json:"edge_accuracy"`
	CellAccuracy   float64 `json:"cell_accuracy"`
	Validity       float64 `json:"validity"`
	ValidityStrict float64 `json:"validity_strict"`
	Uniqueness     float64 `json:"uniqueness"`
	UniquenessIso  float64 `json:"uniqueness_iso"`
	Sampler        string  `json:"sampler"`
	ValidityOurs   float64 `json:"validity_ours"`
	IsoOurs        float64 `json:"uniqueness_iso_ours"`
	IsoUniform     float64 `json:"uniqueness_iso_uniform"`
	Novelty        float64 `json:"novelty"`
	PerEpoch       []epoch `json:"per_epoch,omitempty"`
	Seconds        float64 `json:"seconds"`
	GraphsPerS     float64 `json:"graphs_per_s"`
}

// epoch is what --each-epoch measures, by the paper's protocol.
type epoch struct {
	Epoch          int     `json:"epoch"`
	Loss           float64 `json:"loss"`
	OpsAccuracy    float64 `json:"ops_accuracy"`
	EdgeAccuracy   float64 `json:"edge_accuracy"`
	CellAccuracy   float64 `json:"cell_accuracy"`
	Validity       float64 `json:"validity"`
	ValidityStrict float64 `json:"validity_strict"`
	Uniqueness     float64 `json:"uniqueness"`
	UniquenessIso  float64 `json:"uniqueness_iso"`
}

// options are the recipe's flags.
type options struct {
	cells        string // name of the space, or ID of its cells
	config       graphae.Config
	draws        int
	sampler      string
	out          string
	resume, json bool
	eachEpoch    bool
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pretrain:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := pretrain(ctx, opts)
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "pretrain: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "pretrain:", err)
		os.Exit(1)
	}
	if opts.json {
		line, err := json.Marshal(r)
		if err != nil {
			fmt.Fprintln(os.Stderr, "pretrain:", err)
			os.Exit(1)
		}
		fmt.Println(string(line))
		return
	}
	show(r)
}

// parse reads the command line; the space may stand before, between or after
// the flags.
func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("pretrain", flag.ContinueOnError)
	flags.SetOutput(devNull{})
	flags.Usage = func() {}
	model := flags.String("model", "arch2vec", "what to train: "+strings.Join(graphae.Models(), ", "))
	epochs := flags.Int("epochs", 0, "passes over the training cells (default: the paper's number)")
	seed := flags.Uint64("seed", 0, "seed of weights, order, noise and draws (default: the published one)")
	threads := flags.Int("threads", 0, "threads; the result does not depend on them (default: all cores)")
	reference := flags.Bool("reference", false, "train as the published code does, defects included")
	draws := flags.Int("draws", 10000, "draws to measure validity and uniqueness")
	sampler := flags.String("sampler", graphae.DefaultSampler, "our sampler, beside the paper's: "+strings.Join(graphae.Samplers(), ", "))
	eachEpoch := flags.Bool("each-epoch", false, "measure after every epoch, by the paper's protocol (default: with --reference)")
	out := flags.String("out", "", "folder for the checkpoint SPACE-MODEL.safetensors, written after every epoch and every 20 s")
	resume := flags.Bool("resume", false, "go on from the checkpoint in --out, if there is one")
	asJSON := flags.Bool("json", false, "print the result as one line of JSON")

	var names []string
	for rest := args; ; rest = flags.Args()[1:] {
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Printf("usage: pretrain SPACE [flags]\n\nSPACE is one of: %s;\na sample of DARTS of another size or seed: darts-CELLS-SEED\n\nflags:\n", strings.Join(space.Names(), ", "))
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
		}
		if err != nil {
			return options{}, err
		}
		if flags.NArg() == 0 {
			break
		}
		names = append(names, flags.Arg(0))
	}
	if len(names) != 1 {
		return options{}, fmt.Errorf("want one SPACE (%s), got %q", strings.Join(space.Names(), ", "), names)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })

	name, err := space.NameOf(names[0])
	if err != nil {
		return options{}, err
	}
	config := graphae.ConfigFor(*model, name)
	if *reference {
		if *model != "arch2vec" {
			return options{}, fmt.Errorf("--reference is for arch2vec: no settings of %s were published", *model)
		}
		config = graphae.ReferenceConfig(name)
	}
	config.Threads = *threads
	if given["epochs"] {
		config.Epochs = *epochs
	}
	if given["seed"] {
		config.Seed = *seed
	}
	if *resume && *out == "" {
		return options{}, errors.New("--resume needs --out, the folder of the checkpoint")
	}
	if *draws < 1 {
		return options{}, fmt.Errorf("--draws is %d, must be at least 1", *draws)
	}
	if !slices.Contains(graphae.Samplers(), *sampler) {
		return options{}, fmt.Errorf("no sampler %q (there are: %s)", *sampler, strings.Join(graphae.Samplers(), ", "))
	}
	if !given["each-epoch"] {
		*eachEpoch = *reference
	}
	return options{names[0], config, *draws, *sampler, *out, *resume, *asJSON, *eachEpoch}, config.Validate()
}

// devNull drops what package flag would print: errors are ours to print.
type devNull struct{}

func (devNull) Write(p []byte) (int, error) { return len(p), nil }

// pretrain trains, saving after every epoch where asked to, and measures.
func pretrain(ctx context.Context, o options) (result, error) {
	threads := o.config.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	s, err := space.OpenContext(ctx, o.cells, threads)
	if err != nil {
		return result{}, err
	}
	o.config.Cells = s.ID()
	file := ""
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return result{}, fmt.Errorf("cannot make the folder for the checkpoint: %w", err)
		}
		file = filepath.Join(o.out, o.config.Space+"-"+o.config.Model+".safetensors")
	}
	trainer, err := open(s, o, file)
	if err != nil {
		return result{}, err
	}
	start := time.Now()
	perSecond, epochs, err := train(ctx, trainer, o, file)
	if err != nil {
		return result{}, err
	}
	m, err := graphae.Evaluate(ctx, trainer, graphae.EvalOptions{Draws: o.draws, Seed: o.config.Seed, Threads: o.config.Threads, Sampler: o.sampler})
	if err != nil {
		return result{}, err
	}
	return result{
		Space: o.config.Space, Model: o.config.Model, Reference: o.reference(),
		Epochs: o.config.Epochs, Seed: o.config.Seed,
		Loss: m.Loss, OpsAccuracy: m.OpsAccuracy, EdgeAccuracy: m.EdgeAccuracy, CellAccuracy: m.CellAccuracy,
		Validity: m.Validity, ValidityStrict: m.ValidityStrict,
		Uniqueness: m.Uniqueness, UniquenessIso: m.UniquenessIso,
		Sampler: m.Ours.Sampler, ValidityOurs: m.Ours.ValidityStrict,
		IsoOurs: m.Ours.UniquenessIso, IsoUniform: m.Ours.UniformIso, Novelty: m.Ours.Novelty,
		PerEpoch: epochs,
		Seconds:  time.Since(start).Seconds(), GraphsPerS: perSecond,
	}, nil
}

func (o options) reference() bool {
	return o.config.FreezeAfterFirst
}

// open makes a new trainer, or goes on from the checkpoint.
func open(s space.Space, o options, file string) (*graphae.Trainer, error) {
	if o.resume {
		if _, err := os.Stat(file); err == nil {
			trainer, err := graphae.LoadTrainer(s, file)
			if err != nil {
				return nil, err
			}
			saved, asked := trainer.Config(), o.config
			saved.Threads, saved.Epochs = asked.Threads, asked.Epochs
			if saved != asked {
				return nil, fmt.Errorf("%s was trained with other settings: seed %d, reference %v; give those, or another --out",
					file, saved.Seed, saved.FreezeAfterFirst)
			}
			if done := trainer.Epoch(); done > asked.Epochs {
				return nil, fmt.Errorf("%s has %d epochs already, more than the %d asked for", file, done, asked.Epochs)
			}
			trainer.SetThreads(asked.Threads)
			return trainer, trainer.SetEpochs(asked.Epochs)
		}
		fmt.Fprintf(os.Stderr, "pretrain: there is no %s yet, training from the beginning\n", file)
	}
	return graphae.NewTrainer(s, o.config)
}

// saveEvery is the longest time between two checkpoints: what a kill can cost.
const saveEvery = 20 * time.Second

// train runs to the last epoch, with a bar on a terminal and a line an epoch
// elsewhere, and returns the mean number of graphs a second and, where asked for,
// what was measured after each epoch.
func train(ctx context.Context, trainer *graphae.Trainer, o options, file string) (float64, []epoch, error) {
	bar := progressbar.NewOptions(trainer.Config().Epochs*1000,
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetVisibility(terminal(os.Stderr)),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	perSecond := 0.0
	var epochs []epoch
	var failed error
	saved := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := trainer.Run(ctx, func(p graphae.Progress) {
		perSecond = p.GraphsPerSecond
		state := fmt.Sprintf("epoch %d/%d, loss %.4f, %.0f graphs/s, %v left", p.Epoch, p.Epochs, p.Loss, p.GraphsPerSecond, p.Remaining.Round(time.Second))
		bar.Describe(state)
		_ = bar.Set((p.Epoch-1)*1000 + 1000*p.Step/p.Steps)
		if file != "" && (p.EpochEnd || time.Since(saved) > saveEvery) {
			failed = trainer.Save(file)
			saved = time.Now()
		}
		if p.EpochEnd && !terminal(os.Stderr) {
			fmt.Fprintln(os.Stderr, state)
		}
		if p.EpochEnd && failed == nil && o.eachEpoch {
			var e epoch
			e, failed = measure(ctx, trainer, o, p)
			epochs = append(epochs, e)
			_ = bar.Clear()
			fmt.Fprintf(os.Stderr, "epoch %d/%d: operations %.2f, edges %.2f, cells %.2f, valid %.2f (strictly %.2f), unique %.2f (networks %.2f)\n",
				p.Epoch, p.Epochs, e.OpsAccuracy, e.EdgeAccuracy, e.CellAccuracy, e.Validity, e.ValidityStrict, e.Uniqueness, e.UniquenessIso)
		}
		if failed != nil {
			cancel()
		}
	})
	if failed != nil {
		return 0, nil, failed
	}
	return perSecond, epochs, err
}

// measure evaluates by the paper's protocol; it does not change the training.
func measure(ctx context.Context, trainer *graphae.Trainer, o options, p graphae.Progress) (epoch, error) {
	m, err := graphae.Evaluate(ctx, trainer, graphae.EvalOptions{Draws: o.draws, Seed: o.config.Seed, Threads: o.config.Threads, PaperOnly: true})
	return epoch{
		Epoch: p.Epoch, Loss: m.Loss, OpsAccuracy: m.OpsAccuracy, EdgeAccuracy: m.EdgeAccuracy, CellAccuracy: m.CellAccuracy,
		Validity: m.Validity, ValidityStrict: m.ValidityStrict, Uniqueness: m.Uniqueness, UniquenessIso: m.UniquenessIso,
	}, err
}

// terminal reports whether f is one, and not a file or a pipe.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func show(r result) {
	settings := "default settings"
	if r.Reference {
		settings = "reference settings"
	}
	fmt.Printf("%s on %s, %d epochs, seed %d, %s\n", r.Model, r.Space, r.Epochs, r.Seed, settings)
	for _, row := range []struct {
		name  string
		value float64
	}{
		{"operations right", r.OpsAccuracy}, {"edges right", r.EdgeAccuracy}, {"whole cells right", r.CellAccuracy},
		{"valid draws, published check", r.Validity}, {"valid draws, strictly", r.ValidityStrict},
		{"unique among valid", r.Uniqueness}, {"different networks among strictly valid", r.UniquenessIso},
		{"draws by sampler " + r.Sampler + ": strictly valid", r.ValidityOurs},
		{"  different networks among them", r.IsoOurs},
		{"  the same, if all cells were equally likely", r.IsoUniform},
		{"  networks not trained on", r.Novelty},
	} {
		fmt.Printf("  %-50s %6.2f %%\n", row.name, row.value)
	}
	fmt.Printf("  %.1f s, %.0f graphs/s\n", r.Seconds, r.GraphsPerS)
}

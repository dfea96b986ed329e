package benchmark_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// pickleWriter writes pickles as Python's does, in protocol 2, containers and
// texts remembered.
type pickleWriter struct {
	bytes.Buffer
	remembered int
	texts      map[string]int
}

func (w *pickleWriter) begin() {
	w.texts = map[string]int{}
	w.WriteString("\x80\x02")
}

func (w *pickleWriter) remember() {
	w.WriteByte('r')
	w.Write(binary.LittleEndian.AppendUint32(nil, uint32(w.remembered)))
	w.remembered++
}

// pairs is a dictionary.
type pairs [][2]any

type tuple2 [2]any

func (w *pickleWriter) value(v any) {
	switch v := v.(type) {
	case nil:
		w.WriteByte('N')
	case int:
		w.WriteByte('J')
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(v)))
	case float64:
		w.WriteByte('G')
		w.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	case string:
		if at, ok := w.texts[v]; ok {
			w.WriteByte('j')
			w.Write(binary.LittleEndian.AppendUint32(nil, uint32(at)))
			return
		}
		w.WriteByte('X')
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(v))))
		w.WriteString(v)
		w.texts[v] = w.remembered
		w.remember()
	case tuple2:
		w.value(v[0])
		w.value(v[1])
		w.WriteByte(0x86)
		w.remember()
	case []any:
		w.WriteByte(']')
		w.remember()
		w.WriteByte('(')
		for _, x := range v {
			w.value(x)
		}
		w.WriteByte('e')
	case pairs:
		w.WriteString("ccollections\nOrderedDict\n)R")
		w.remember()
		w.WriteByte('(')
		for _, p := range v {
			w.value(p[0])
			w.value(p[1])
		}
		w.WriteByte('u')
	default:
		panic(fmt.Sprintf("%T", v))
	}
}

// file writes the whole object of the benchmark's .pth files.
func (w *pickleWriter) file(cells []trainedCell) {
	infos := pairs{}
	var archs []any
	for i, c := range cells {
		archs = append(archs, c.Arch)
		infos = append(infos, [2]any{i, pairs{{"full", results(i, c, 200)}, {"less", results(i, c, 12)}}})
	}
	w.value(pairs{{"meta_archs", archs}, {"arch2infos", infos}, {"evaluated_indexes", []any{0}}})
	w.WriteByte('.')
}

func results(index int, c trainedCell, epochs int) pairs {
	all := pairs{}
	for _, r := range c.Runs {
		if r.Epochs == epochs {
			all = append(all, [2]any{tuple2{r.On, r.Seed}, resultsCount(c.Arch, r)})
		}
	}
	return pairs{{"arch_index", index}, {"arch_str", c.Arch}, {"all_results", all}, {"dataset_seed", nil}}
}

func resultsCount(arch string, r training) pairs {
	var names []string
	for name := range r.Accuracy {
		if name != "train" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var evalNames []any
	accs, train, times := pairs{}, pairs{}, pairs{}
	for e := range r.Epochs {
		curve := func(v float64) float64 {
			if e == r.Epochs-1 {
				return v
			}
			return 10
		}
		for _, name := range names {
			accs = append(accs, [2]any{fmt.Sprintf("%s@%d", name, e), curve(r.Accuracy[name])})
		}
		train = append(train, [2]any{e, curve(r.Accuracy["train"])})
		if r.Time != nil {
			times = append(times, [2]any{e, *r.Time / float64(r.Epochs)})
		}
	}
	for _, n := range names {
		evalNames = append(evalNames, n)
	}
	var seconds any
	if r.Time != nil {
		seconds = times
	}
	return pairs{{"name", r.On}, {"net_state_dict", nil}, {"train_acc1es", train}, {"train_times", seconds},
		{"arch_config", pairs{{"arch_str", arch}}}, {"epochs", r.Epochs}, {"latency", []any{r.Latency}},
		{"eval_names", evalNames}, {"eval_acc1es", accs}, {"eval_losses", accs}}
}

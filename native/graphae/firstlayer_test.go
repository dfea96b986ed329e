package graphae

import (
	"slices"
	"testing"
)

// A cell is encoded to the same bits whatever was encoded before it, alone or in
// a batch, and after the known rows were forgotten.
func TestFirstLayer(t *testing.T) {
	s := smallSpace(t, 600)
	c := smallConfigs()["default"]
	c.Epochs = 1
	tr := newTestTrainer(t, s, c)
	train(t, tr)
	m := tr.Model()
	const batch = 40
	f := newInference(m.net, batch)
	most := 0
	for first := 0; first+batch <= s.Len(); first += batch {
		if first == 10*batch {
			if most != len(f.first.known) || len(f.first.out) != most*c.Hidden || most < 100 {
				t.Fatalf("%d rows known, at most %d before, with %d elements", len(f.first.known), most, len(f.first.out))
			}
			for i := range mostKnown {
				f.first.known[surrounding{op: -2, counts: uint64(i)}] = 0
			}
		}
		for i := range batch {
			if err := f.data.set(i, s.Cell(first+i)); err != nil {
				t.Fatal(err)
			}
		}
		f.encode(batch)
		most = max(most, len(f.first.known))
		if first == 10*batch && len(f.first.known) > batch*m.Nodes() {
			t.Fatalf("%d rows known after they were forgotten", len(f.first.known))
		}
		for i := range batch {
			mu, err := m.Encode(s.Cell(first + i))
			if err != nil {
				t.Fatal(err)
			}
			for v := range m.Nodes() {
				if got := f.head[(i*m.Nodes()+v)*32:][:m.Dim()]; !slices.Equal(got, mu[v*m.Dim():][:m.Dim()]) {
					t.Fatalf("cell %d, node %d: %v in a batch, %v alone", first+i, v, got, mu[v*m.Dim():][:m.Dim()])
				}
			}
		}
	}
}

package nn

import (
	"runtime"
	"sync"
	"sync/atomic"

	"arch2vec/native/f32"
)

// spins is how often a thread looks before it sleeps at a barrier: some 20 µs,
// longer than threads differ when each has a core, short when one has to wait
// for a core that others use.
const spins = 5000

// Team is a fixed number of threads that work on one step together. The caller
// of Run is one of them. A Team serves one Run at a time.
type Team struct {
	n       int
	spins   int
	kernels *f32.Kernels
	work    func(worker int)
	closed  bool

	arrived    atomic.Int32
	generation atomic.Uint32
	mu         sync.Mutex
	wake       sync.Cond
}

// NewTeam starts a team of n threads, n at least 1. Close ends it.
func NewTeam(k *f32.Kernels, n int) *Team {
	t := &Team{n: max(n, 1), kernels: k}
	t.wake.L = &t.mu
	if runtime.GOMAXPROCS(0) >= t.n {
		t.spins = spins
	}
	for worker := 1; worker < t.n; worker++ {
		go func() {
			for {
				t.Wait()
				if t.closed {
					return
				}
				t.work(worker)
				t.Wait()
			}
		}()
	}
	return t
}

// Size is the number of threads.
func (t *Team) Size() int { return t.n }

// Run calls work(0), ..., work(n-1) concurrently and returns when all have.
func (t *Team) Run(work func(worker int)) {
	t.work = work
	t.Wait()
	work(0)
	t.Wait()
}

// Close ends the team's threads.
func (t *Team) Close() {
	t.closed = true
	t.Wait()
}

// Wait is a barrier: it returns once every thread of the team has called it.
func (t *Team) Wait() {
	if t.n == 1 {
		return
	}
	g := t.generation.Load()
	if t.arrived.Add(1) == int32(t.n) {
		t.arrived.Store(0)
		t.mu.Lock()
		t.generation.Add(1)
		t.mu.Unlock()
		t.wake.Broadcast()
		return
	}
	for range t.spins {
		if t.generation.Load() != g {
			return
		}
		t.kernels.Pause()
	}
	t.mu.Lock()
	for t.generation.Load() == g {
		t.wake.Wait()
	}
	t.mu.Unlock()
}

// Share returns the bounds of worker w's share of n pieces.
func (t *Team) Share(w, n int) (lo, hi int) { return w * n / t.n, (w + 1) * n / t.n }

// Panels returns the bounds of the panels, of n in a layer, whose parameters are
// in worker w's share of the Parts of the store.
func (t *Team) Panels(w, n int) (lo, hi int) {
	first, end := t.Share(w, Parts)
	return panelsOf(first, end, n)
}

package graphae

import (
	"testing"
	"time"

	"arch2vec/native/f32"
)

// After each trial the faster team works, until the next trial finds otherwise.
func TestPace(t *testing.T) {
	k, err := f32.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	p := newPace(k, 3)
	defer p.close()
	cost := map[int]time.Duration{1: 10, 3: 4}
	used := map[int]int{}
	run := func(steps int) {
		clear(used)
		for range steps {
			n := p.team().Size()
			used[n]++
			p.done(cost[n])
		}
	}
	run(roundSteps)
	if used[1] != trialSteps || used[3] != roundSteps-trialSteps {
		t.Errorf("three threads are faster: %v steps by number of threads", used)
	}
	cost[3] = 30
	run(roundSteps)
	if used[3] != trialSteps {
		t.Errorf("one thread is faster: %v", used)
	}
	alone := newPace(k, 1)
	defer alone.close()
	if n := alone.team().Size(); n != 1 {
		t.Errorf("a team of %d for one thread", n)
	}
}

package graphae

import (
	"time"

	"arch2vec/native/f32"
	"arch2vec/native/nn"
)

// pace decides how many threads take a step. Threads that work in lockstep gain
// nothing, and lose much, once one of them has to wait for a processor that some
// other program uses; so it tries both ways now and then and keeps to the faster.
// Results do not depend on the choice.
type pace struct {
	teams []*nn.Team       // one thread; all
	took  [2]time.Duration // by the steps of the trial at hand
	step  int              // of the round
	best  int
}

const (
	trialSteps = 8   // of each team in a trial
	roundSteps = 512 // from one trial to the next
)

func newPace(k *f32.Kernels, threads int) *pace {
	p := &pace{teams: []*nn.Team{nn.NewTeam(k, 1)}}
	if threads > 1 {
		p.teams = append(p.teams, nn.NewTeam(k, threads))
	}
	return p
}

// team is the one to take the next step.
func (p *pace) team() *nn.Team {
	switch {
	case len(p.teams) == 1:
		return p.teams[0]
	case p.step < 2*trialSteps:
		return p.teams[p.step/trialSteps]
	default:
		return p.teams[p.best]
	}
}

// done says how long the step took.
func (p *pace) done(d time.Duration) {
	if p.step < 2*trialSteps {
		if p.step%trialSteps > 0 { // the first step wakes the team
			p.took[p.step/trialSteps] += d
		}
	}
	p.step++
	if p.step == 2*trialSteps {
		p.best = 0
		if p.took[1] < p.took[0] {
			p.best = 1
		}
		p.took = [2]time.Duration{}
	}
	p.step %= roundSteps
}

func (p *pace) close() {
	for _, t := range p.teams {
		t.Close()
	}
}

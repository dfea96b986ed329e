package reinforce_test

import (
	"fmt"
	"log"
	"math"

	"arch2vec/native/reinforce"
)

// A policy learns to act near a goal from rewards alone.
func Example() {
	p, err := reinforce.New(reinforce.Settings{Dim: 2, Hidden: 32, Episode: 16, Rate: 0.02}, 1)
	if err != nil {
		log.Fatal(err)
	}
	state, goal := []float32{0, 0}, []float32{2, -1}
	for episode := range 200 {
		rewards, mean := make([]float64, 16), 0.0
		for t := range rewards {
			action, err := p.Act(state)
			if err != nil {
				log.Fatal(err)
			}
			x, y := float64(action[0]-goal[0]), float64(action[1]-goal[1])
			rewards[t] = -math.Hypot(x, y)
			mean += rewards[t] / 16
		}
		if episode == 0 || episode == 199 {
			fmt.Printf("episode %d: distance %.1f\n", episode, -mean)
		}
		for t := range rewards {
			rewards[t] -= mean
		}
		if err := p.Learn(rewards); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// episode 0: distance 2.8
	// episode 199: distance 1.2
}

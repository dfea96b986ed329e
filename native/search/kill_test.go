package search

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arch2vec/native/benchmark"
	"arch2vec/native/cell"
)

// searchUntilKilled, when set, names the folder in which the test binary shall
// search.
const searchUntilKilled = "ARCH2VEC_TEST_SEARCH"

// Killed at any moment, and resumed as often, searches end with the same traces as
// undisturbed ones, and nothing that was answered, and written down, is asked again.
func TestKilled(t *testing.T) {
	table := landscape(t)
	experiment := func(dir string, o benchmark.Oracle) Experiment {
		return Experiment{Settings: Local{}, Space: table.Space(), Oracle: o, Budget: Budget{Queries: 40}, First: 1, Last: 2, Threads: 2, Dir: dir, Resume: true}
	}
	if dir := os.Getenv(searchUntilKilled); dir != "" {
		log, err := os.OpenFile(filepath.Join(dir, "asked"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		mustRun(t, experiment(dir, oracleFunc(func(ctx context.Context, c cell.Cell) (benchmark.Score, error) {
			fmt.Fprintln(log, c)
			time.Sleep(time.Millisecond)
			return table.Score(ctx, c)
		})))
		return
	}
	dir, undisturbed := t.TempDir(), t.TempDir()
	mustRun(t, experiment(undisturbed, oracleFunc(table.Score)))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
	kills := 0
	for done := false; !done; {
		child := exec.Command(self, "-test.run", "^TestKilled$")
		child.Env = append(os.Environ(), searchUntilKilled+"="+dir)
		var said bytes.Buffer
		child.Stdout = &said
		before := questions(t, dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- child.Wait() }()
		for end := time.Now().Add(time.Minute); kills < 12 && questions(t, dir) == before && len(ended) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it does not ask")
			}
		}
		wait := time.Minute
		if kills < 12 {
			wait = time.Duration(r.Float64() * float64(10*time.Millisecond))
		}
		select {
		case err := <-ended:
			if done = true; err != nil {
				t.Fatalf("%v\n%s", err, &said)
			}
		case <-time.After(wait):
			_ = child.Process.Kill()
			<-ended
			kills++
		}
	}
	for _, name := range []string{"local-00001.jsonl", "local-00002.jsonl"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(undisturbed, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs after %d kills", name, kills)
		}
	}
	// Each kill can cost the question that each of the two runs was waiting for.
	if n := questions(t, dir); kills == 0 || n < 80 || n > 80+2*kills {
		t.Errorf("%d questions for 80 queries, %d kills", n, kills)
	}
}

// questions counts the questions of the children.
func questions(t *testing.T, dir string) int {
	data, err := os.ReadFile(filepath.Join(dir, "asked"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Count(string(data), "\n")
}

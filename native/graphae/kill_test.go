package graphae

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// saveForever, when set, names the file that the test binary shall train and save
// to until it is killed.
const saveForever = "ARCH2VEC_TEST_SAVE_FOREVER"

// Killed at any moment of saving, a program leaves a whole checkpoint, from which
// training goes on.
func TestKilledWhileSaving(t *testing.T) {
	s := smallSpace(t, 40)
	c := smallConfigs()["default"]
	c.Epochs = 1_000_000
	if path := os.Getenv(saveForever); path != "" {
		tr, err := LoadTrainer(s, path)
		if err != nil {
			t.Fatal(err)
		}
		err = tr.Run(context.Background(), func(p Progress) {
			if p.EpochEnd {
				if err := tr.Save(path); err != nil {
					t.Fatal(err)
				}
			}
		})
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := newTestTrainer(t, s, c).Save(path); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
	for i := range 12 {
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		child := exec.Command(self, "-test.run", "^TestKilledWhileSaving$")
		child.Env = append(os.Environ(), saveForever+"="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			now, err := os.Stat(path)
			if err != nil {
				t.Fatal(err) // the file is never away
			}
			if !os.SameFile(now, before) {
				break
			}
			if time.Now().After(end) {
				t.Fatal("it does not save")
			}
		}
		time.Sleep(time.Duration(r.Float64() * float64(30*time.Millisecond)))
		_ = child.Process.Kill()
		_ = child.Wait()
		if child.ProcessState.ExitCode() >= 0 {
			t.Fatalf("it ended before it was killed: %v", child.ProcessState)
		}
		tr, err := LoadTrainer(s, path)
		if err != nil {
			t.Fatalf("after %d kills: %v", i+1, err)
		}
		if tr.Epoch() < i+1 {
			t.Errorf("after %d kills: only %d epochs", i+1, tr.Epoch())
		}
	}
}

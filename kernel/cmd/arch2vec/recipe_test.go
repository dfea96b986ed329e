package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// lastLine decodes the JSON line that ends a recipe's output, without the
// times.
func lastLine(t *testing.T, o outcome) map[string]any {
	t.Helper()
	if o.status != 0 {
		t.Fatalf("exit status %d\n%s", o.status, o.stderr)
	}
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	var r map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		t.Fatalf("%v in %q", err, o.stdout)
	}
	for _, key := range []string{"seconds", "graphs_per_s"} {
		if _, ok := r[key]; !ok {
			t.Errorf("the result has no %s", key)
		}
		delete(r, key)
	}
	return r
}

// TestPretrainInterpretedAndCompiled checks that a recipe gives the same result
// by name, as an interpreted script, and compiled.
func TestPretrainInterpretedAndCompiled(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no Go toolchain on the PATH to compile the recipe")
	}
	source := filepath.Join("..", "..", "..", "stdlib", "recipes", "pretrain")
	binary := filepath.Join(t.TempDir(), "pretrain")
	if o := command(t, exec.Command("go", "build", "-o", binary, "./"+source)); o.status != 0 {
		t.Fatal(o.stderr)
	}
	args := []string{"nasbench201", "--epochs", "1", "--seed", "7", "--draws", "500", "--each-epoch", "--json"}
	compiled := lastLine(t, command(t, exec.Command(binary, args...)))
	for name, front := range map[string][]string{"by name": {"pretrain"}, "as a script": {"run", filepath.Join(source, "main.go")}} {
		interpreted := lastLine(t, arch2vec(t, append(front, args...)...))
		for key, want := range compiled {
			if !reflect.DeepEqual(interpreted[key], want) {
				t.Errorf("%s: %s is %v, compiled %v", name, key, interpreted[key], want)
			}
		}
	}
	for _, key := range []string{"space", "model", "epochs", "seed", "loss", "ops_accuracy", "edge_accuracy", "cell_accuracy",
		"validity", "validity_strict", "uniqueness", "uniqueness_iso", "sampler", "validity_ours", "uniqueness_iso_ours",
		"uniqueness_iso_uniform", "novelty", "per_epoch"} {
		if _, ok := compiled[key]; !ok {
			t.Errorf("the result has no %s", key)
		}
	}
}

// TestResumeAndEmbed kills a run in its second epoch, goes on from the checkpoint
// of the first, and compares with an unbroken run, bit by bit.
func TestResumeAndEmbed(t *testing.T) {
	broken, whole := t.TempDir(), t.TempDir()
	name := "nasbench201-arch2vec"
	pretrain := []string{"pretrain", "nasbench201", "--epochs", "2", "--draws", "10", "--out"}
	run := func(args ...string) {
		t.Helper()
		if o := arch2vec(t, append(pretrain, args...)...); o.status != 0 {
			t.Fatal(o.stderr)
		}
	}
	run(whole, "--threads", "1")

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	killed := exec.Command(self, append(pretrain, broken, "--threads", "2")...)
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(broken, name+".safetensors")); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no checkpoint after the first epoch")
		}
	}
	_ = killed.Process.Kill()
	_ = killed.Wait()
	run(broken, "--resume")
	if o := arch2vec(t, "pretrain", "nasbench201", "--epochs", "3", "--seed", "99", "--out", broken, "--resume"); o.status != 1 || !strings.Contains(o.stderr, "seed") {
		t.Errorf("resuming with another seed: %+v", o)
	}
	embeddings := make([][]byte, 2)
	for i, dir := range []string{whole, broken} {
		o := arch2vec(t, "embed", filepath.Join(dir, name+".safetensors"))
		if o.status != 0 || !strings.Contains(o.stdout, "15625 cells") {
			t.Fatalf("%+v", o)
		}
		embeddings[i] = read(t, filepath.Join(dir, name+".npy"))
	}
	if a, b := read(t, filepath.Join(whole, name+".safetensors")), read(t, filepath.Join(broken, name+".safetensors")); string(a) != string(b) {
		t.Error("the checkpoint of the resumed run differs from that of the unbroken one")
	}
	if string(embeddings[0]) != string(embeddings[1]) || len(embeddings[0]) < 15625*16*4 {
		t.Error("the embeddings differ, or are too short")
	}
}

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"arch2vec/native/space/nasbench201"
)

// benchmarkFile writes a table of NAS-Bench-201 with made-up scores.
func benchmarkFile(t *testing.T) string {
	t.Helper()
	s := nasbench201.New()
	var b strings.Builder
	b.WriteString("arch,c10_valid,c10_test,c10_time200_s\n")
	for i := range s.Len() {
		c := s.Cell(i)
		v := 40.0
		for edge := 1; edge <= 6; edge++ {
			v += float64((c.Op(edge) * (2 + edge)) % 7)
		}
		arch, err := s.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s,%v,%v,2000\n", arch, v, v+1)
	}
	path := filepath.Join(t.TempDir(), "scores.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSearchInterpretedAndCompiled checks that the recipe gives the same result by
// name and compiled, and what its last line holds.
func TestSearchInterpretedAndCompiled(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no Go toolchain on the PATH to compile the recipe")
	}
	binary := filepath.Join(t.TempDir(), "search")
	if o := command(t, exec.Command("go", "build", "-o", binary, "../../../stdlib/recipes/search")); o.status != 0 {
		t.Fatal(o.stderr)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // not before: the build has its cache there
	args := []string{"nasbench201", "--method", "evolution", "--oracle", benchmarkFile(t), "--seeds", "1..20", "--json"}
	result := func(o outcome) map[string]any {
		t.Helper()
		o.stdout = strings.Replace(o.stdout, `"seconds"`, `"graphs_per_s":1,"seconds"`, 1) // lastLine wants it
		return lastLine(t, o)
	}
	interpreted := result(arch2vec(t, append([]string{"search"}, args...)...))
	for _, key := range []string{"method", "space", "dataset", "runs", "val_mean", "val_std", "test_mean", "test_std", "queries_mean", "optimum_found"} {
		if _, ok := interpreted[key]; !ok {
			t.Errorf("the result has no %s", key)
		}
	}
	// 12 epochs of 200 cost 120 s: 100 queries in the paper's 12,000 s.
	if interpreted["queries_mean"] != 100.0 || interpreted["runs"] != 20.0 || interpreted["test_mean"].(float64)-interpreted["val_mean"].(float64) < 0.999 {
		t.Errorf("%v", interpreted)
	}
	if compiled := result(command(t, exec.Command(binary, args...))); !reflect.DeepEqual(compiled, interpreted) {
		t.Errorf("compiled %v, interpreted %v", compiled, interpreted)
	}
}

// TestSearchKilled kills a search that trains with a program of the user's again and
// again, resumes it, and compares with an unbroken one: the same result, and nothing
// that was answered is trained again.
func TestSearchKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program that trains is a shell script")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	trained := filepath.Join(dir, "trained")
	program := filepath.Join(dir, "train.sh")
	if err := os.WriteFile(program, []byte(`#!/bin/sh
read line
sleep 0.01
sum=$(printf %s "$line" | sed 's/"attempt.*//' | cksum | cut -c1-3)
echo "$line" >> `+trained+`
echo '{"result":{"validation":'$((10#$sum % 90))'.5,"test":50,"cost":1}}'
`), 0o755); err != nil {
		t.Fatal(err)
	}
	if shell, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	} else {
		program = shell + " " + program
	}
	args := func(out string) []string {
		return []string{"search", "nasbench201", "--method", "evolution", "--oracle", "command:" + program,
			"--queries", "30", "--seeds", "1..3", "--out", filepath.Join(dir, out), "--resume", "--json"}
	}
	whole := arch2vec(t, args("whole")...)
	if whole.status != 0 {
		t.Fatal(whole.stderr)
	}
	once := strings.Count(string(read(t, trained)), "\n")
	if err := os.Remove(trained); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 0))
	const kills = 8
	for i := range kills {
		killed := exec.Command(self, args("broken")...)
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(300+r.IntN(500)) * time.Millisecond)
		_ = killed.Process.Kill()
		if _ = killed.Wait(); killed.ProcessState.ExitCode() > 0 {
			t.Fatalf("start %d: %v", i+1, killed.ProcessState)
		}
	}
	broken := arch2vec(t, args("broken")...)
	if broken.status != 0 {
		t.Fatal(broken.stderr)
	}
	cut := func(s string) string { before, _, _ := strings.Cut(s, `"seconds"`); return before }
	if cut(broken.stdout) != cut(whole.stdout) {
		t.Errorf("broken %s, whole %s", broken.stdout, whole.stdout)
	}
	// A program that was under way when arch2vec was killed is lost: one at a time.
	if n := strings.Count(string(read(t, trained)), "\n"); n < once || n > once+kills {
		t.Errorf("%d trainings, unbroken %d", n, once)
	}
	for _, name := range []string{"evolution-00001.jsonl", "evolution-00003.jsonl"} {
		at := filepath.Join("nasbench201-cifar10-evolution", name)
		if string(read(t, filepath.Join(dir, "broken", at))) != string(read(t, filepath.Join(dir, "whole", at))) {
			t.Errorf("the traces %s differ", name)
		}
	}
}

// TestSearchRefuses checks command lines and oracles that cannot be.
func TestSearchRefuses(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"", 2, "want one SPACE"},
		{"nasbench201", 2, "which --method"},
		{"nasbench201 --method annealing", 2, "no method"},
		{"nasbench999 --method random", 2, "nasbench999"},
		{"nasbench201 --method random --dataset mnist", 2, "no data set"},
		{"nasbench101 --method random --dataset cifar100", 2, "nasbench101 has cifar10"},
		{"nasbench201 --method random --seeds 9..3", 2, "--seeds 9..3"},
		{"nasbench201 --method gp --reference", 2, "no settings of gp were published"},
		{"nasbench201 --method random --resume", 2, "--resume needs --out"},
		{"nasbench201 --method random --budget NaN", 2, "cannot be negative"},
		{"nasbench201 --method random --queries 0", 2, "above 0"},
		{"nasbench201 --method random --on-error weep", 2, "want stop or skip"},
		{"nasbench201 --method random", 1, "arch2vec data import"},
		{"nasbench201 --method random --oracle nosuchfile.csv", 1, "nosuchfile.csv"},
		{"darts-50-1 --method random", 1, "surrogate"},
		{"nasbench201 --method random --queries 3 --oracle command:false", 1, "query 1"},
	} {
		o := arch2vec(t, append([]string{"search"}, strings.Fields(c.args)...)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.says) || strings.Count(o.stderr, "search:") != 1 {
			t.Errorf("search %s: status %d, %q; want %d and %q", c.args, o.status, o.stderr, c.status, c.says)
		}
	}
}

// An imported surrogate is searched by its name, and is no table for other spaces.
func TestSearchSurrogate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	b.WriteString("normal,reduce,acc,runtime_s\n")
	for range 150 {
		var genes []string
		for node := 2; node <= 5; node++ {
			inputs := rng.Perm(node)
			for _, input := range inputs[:2] {
				genes = append(genes, fmt.Sprintf("%s~%d", []string{"skip_connect", "sep_conv_3x3", "max_pool_3x3"}[rng.IntN(3)], input))
			}
		}
		cell := strings.Join(genes, "|")
		fmt.Fprintf(&b, "%s,%s,%.2f,%d\n", cell, cell, 90+3*rng.Float64(), 5000+rng.IntN(1000))
	}
	file := filepath.Join(t.TempDir(), "predictions.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, name := range []string{"mine", "nasbench301"} {
		if o := arch2vec(t, "data", "import", file, "--name", name); o.status != 0 {
			t.Fatalf("import: %d %s", o.status, o.stderr)
		}
	}
	search := func(space string, more ...string) outcome {
		return arch2vec(t, append([]string{"search", space, "--method", "random", "--queries", "5", "--json"}, more...)...)
	}
	if o := search("darts-50-1"); o.status != 0 || !strings.Contains(o.stdout, `"oracle":"nasbench301/cifar10`) || !strings.Contains(o.stdout, `"optimum_found":null`) {
		t.Errorf("the default: status %d, %s %s", o.status, o.stdout, o.stderr)
	}
	if o := search("darts-50-1", "--oracle", "mine"); o.status != 0 || !strings.Contains(o.stdout, `"oracle":"mine/cifar10: ridge regression`) {
		t.Errorf("status %d, %s %s", o.status, o.stdout, o.stderr)
	}
	if o := search("nasbench201", "--oracle", "mine"); o.status != 1 || !strings.Contains(o.stderr, "mine is a surrogate for cells of DARTS") {
		t.Errorf("status %d, %s %s", o.status, o.stdout, o.stderr)
	}
}

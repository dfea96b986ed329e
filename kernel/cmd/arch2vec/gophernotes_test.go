package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	_ "image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arch2vec/kernel/notebook"
)

// network are the cells of gophernotes' notebooks that need a service on the
// network, or what one has answered.
var network = regexp.MustCompile(`http\.Get|facebox|faces`)

// TestGophernotesNotebooks runs the notebooks that gophernotes comes with
// through nbconvert, on gophernotes itself and on this kernel. Where their
// authors, or gophernotes now, saw something, this kernel has to show the same.
func TestGophernotesNotebooks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds gophernotes")
	}
	env := installed(t, "nbconvert, nbclient")
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here")
	}
	out, err := exec.Command(goTool, "list", "-m", "-f", "{{.Dir}}", "github.com/gopherdata/gophernotes").Output()
	folder := strings.TrimSpace(string(out))
	if err != nil || folder == "" {
		t.Skip("the module of gophernotes is not here")
	}
	env = append(env, gophernotesKernel(t, goTool))

	files, err := filepath.Glob(filepath.Join(folder, "examples", "*.ipynb"))
	if err != nil || len(files) != 4 {
		t.Fatalf("the examples are %q, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			authors := open(t, file)
			peer := execute(t, env, file, "gophernotes")
			ours := execute(t, env, file, "arch2vec")
			compared := 0
			for i, c := range authors.Cells {
				if c.Type != notebook.Code || network.MatchString(c.Source) {
					continue
				}
				got := shownBy(t, ours.Cells[i])
				if _, failed := got["error"]; failed {
					t.Errorf("cell %d fails:\n%s\n%s", i, c.Source, got["error"])
					continue
				}
				for who, want := range map[string]map[string]string{"its author": shownBy(t, c), "gophernotes": shownBy(t, peer.Cells[i])} {
					if _, failed := want["error"]; failed {
						continue // gophernotes itself can import gonum only where it can compile
					}
					compared++
					if !maps.Equal(got, want) {
						t.Errorf("cell %d shows %q, and to %s %q:\n%s", i, got, who, want, c.Source)
					}
				}
			}
			if compared == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

// gophernotesKernel builds the pinned gophernotes and installs it as a kernel;
// it returns the variable by which Jupyter finds it. It runs with an empty
// environment, as it fails in others.
func gophernotesKernel(t *testing.T, goTool string) string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "gophernotes")
	if out, err := exec.Command(goTool, "build", "-trimpath", "-o", binary, "github.com/gopherdata/gophernotes").CombinedOutput(); err != nil {
		t.Skipf("gophernotes does not build here: %s", out)
	}
	spec := filepath.Join(dir, "data", "kernels", "gophernotes")
	if err := os.MkdirAll(spec, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{
		"argv":     []string{"/usr/bin/env", "-i", "PATH=/bin", "HOME=" + dir, binary, "{connection_file}"},
		"language": "go", "display_name": "gophernotes",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spec, "kernel.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	return "JUPYTER_DATA_DIR=" + filepath.Join(dir, "data")
}

func open(t *testing.T, file string) *notebook.Notebook {
	t.Helper()
	n, err := notebook.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// execute runs a notebook through nbconvert.
func execute(t *testing.T, env []string, file, kernel string) *notebook.Notebook {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(python, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors",
		"--ExecutePreprocessor.kernel_name="+kernel, "--output-dir", dir, "--output", "executed.ipynb", file)
	cmd.Env = env
	if o := command(t, cmd); o.status != 0 {
		t.Fatalf("%s: nbconvert's exit status is %d\n%s%s", kernel, o.status, o.stdout, o.stderr)
	}
	return open(t, filepath.Join(dir, "executed.ipynb"))
}

// shownBy is what a cell shows: the content of textual representations, the
// size of pictures, and as "text" all text, whether it came as a stream or, from
// the gophernotes of old, as a result. Lines of workers, whose order is chance,
// are sorted and lose the worker's number.
func shownBy(t *testing.T, c *notebook.Cell) map[string]string {
	t.Helper()
	shown := map[string]string{}
	var text strings.Builder
	for _, o := range c.Outputs {
		switch o.Type {
		case notebook.Stream:
			text.WriteString(o.Text)
		case notebook.ErrorOutput:
			shown["error"] = o.EValue
		default:
			for mime, v := range o.Data {
				s := fmt.Sprint(v)
				switch {
				case mime == "text/plain" && len(o.Data) == 1:
					text.WriteString(s)
				case mime == "text/plain": // words beside a picture, which differ
				case mime == "image/png":
					b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
					if err != nil {
						t.Error(err)
					}
					size, _, err := image.DecodeConfig(bytes.NewReader(b))
					if err != nil {
						t.Error(err)
					}
					shown[mime] += fmt.Sprintf("%d x %d", size.Width, size.Height)
				default:
					shown[mime] += s
				}
			}
		}
	}
	if s := strings.TrimSpace(text.String()); s != "" {
		lines := strings.Split(regexp.MustCompile(`worker \d+`).ReplaceAllString(s, "worker"), "\n")
		if strings.HasPrefix(lines[0], "worker ") {
			slices.Sort(lines)
		}
		shown["text"] = strings.Join(lines, "\n")
	}
	return shown
}

package notebook

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// python runs a program that needs nbformat, with input on standard input.
func python(t *testing.T, program string, input []byte) []byte {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import nbformat").Run() != nil {
			continue
		}
		cmd := exec.Command(name, "-c", program)
		cmd.Stdin = bytes.NewReader(input)
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			errors.As(err, &exit)
			t.Fatalf("%s: %v\n%s", name, err, exit.Stderr)
		}
		return out
	}
	t.Skip("needs Python with nbformat (Debian: python3-nbformat)")
	return nil
}

// A notebook that Jupyter's own library wrote is read and written again
// without changing a byte.
func TestSameBytesAsNbformat(t *testing.T) {
	all := python(t, `
import sys, nbformat
from nbformat.v4 import new_notebook, new_markdown_cell, new_code_cell, new_raw_cell, new_output
nb = new_notebook(metadata={"kernelspec": {"name": "arch2vec", "display_name": "Go", "language": "go"}, "z": 1.5, "a": [], "b": {}})
nb.cells = [
  new_markdown_cell("# Über\n\n$x_1 < 2$ & \"quoted\" \\alpha\t\u2028 \x7f \x01", attachments={"p.png": {"image/png": "AAEC"}}),
  new_code_cell("a := 1\nfmt.Println(a)\n", execution_count=1, outputs=[
    new_output("stream", name="stdout", text="1\r\n2\r3\x0c4\x85\n"),
    new_output("stream", name="stderr", text=""),
    new_output("display_data", {"text/html": "<b>\n</b>", "image/png": "AAEC\n", "image/svg+xml": "<svg>\n</svg>", "application/json": {"k": [1, 2.5, None, True, "a\nb"]}, "application/javascript": "x\ny", "application/vnd.plotly.v1+json": ["a", "b"]}, metadata={"image/png": {"width": 10}}),
    new_output("execute_result", {"text/plain": "3"}, execution_count=1),
    new_output("error", ename="panic", evalue="x", traceback=["\x1b[31ma\nb", "c"]),
  ]),
  new_code_cell(""),
  new_raw_cell("raw"),
]
out = []
for minor in (5, 4, 2):
  nb.nbformat_minor = minor
  if minor == 4:
    for c in nb.cells: del c["id"]
  out.append(nbformat.writes(nb) + "\n")
sys.stdout.buffer.write("\0".join(out).encode())
`, nil)
	for _, want := range bytes.Split(all, []byte{0}) {
		n, err := Read(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Write(); !bytes.Equal(got, want) {
			t.Errorf("4.%d: got\n%s\nwant\n%s", n.Minor, got, want)
		}
	}
}

// What Execute writes is valid by Jupyter's schema.
func TestValidForNbformat(t *testing.T) {
	n := New()
	n.Add(Markdown, "# T")
	n.Add(Code, "print 1\nresult 2\nfail boom")
	_ = Execute(t.Context(), n, &fakeEngine{}, Options{})
	out := python(t, `
import sys, nbformat
nb = nbformat.reads(sys.stdin.read(), as_version=4)
nbformat.validate(nb)
print([o.output_type for o in nb.cells[1].outputs])
`, n.Write())
	if got := strings.TrimSpace(string(out)); got != "['stream', 'execute_result', 'error']" {
		t.Errorf("outputs %s", got)
	}
}

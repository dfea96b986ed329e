package main

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBrowser runs cells in Chromium in front of Jupyter Notebook: see the
// script. ARCH2VEC_SCREENSHOT names a file that keeps what it saw.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	env := installed(t, "notebook, tornado")
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("Chromium is not installed: apt-get install chromium")
	}
	picture := os.Getenv("ARCH2VEC_SCREENSHOT")
	if picture == "" {
		picture = filepath.Join(t.TempDir(), "page.png")
	}
	cmd := exec.Command(python, filepath.Join("testdata", "browser.py"), picture)
	cmd.Env = env
	if o := command(t, cmd); o.status != 0 {
		t.Fatalf("exit status %d\n%s%s", o.status, o.stdout, o.stderr)
	} else {
		t.Log(o.stdout)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.DecodeConfig(f); err != nil {
		t.Errorf("the screenshot: %v", err)
	}
}

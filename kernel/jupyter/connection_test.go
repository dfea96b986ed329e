package jupyter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConnectionFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel.json")
	want := Connection{Transport: "tcp", IP: "127.0.0.1", ShellPort: 1, ControlPort: 2, IOPubPort: 3, StdinPort: 4, HBPort: 5,
		SignatureScheme: "hmac-sha256", Key: "k", KernelName: "arch2vec"}
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: the key is secret", info.Mode(), err)
	}
	if got, err := ReadConnection(path); err != nil || got != want {
		t.Errorf("read %+v, %v", got, err)
	}
	if err := want.Write(filepath.Join(path, "x")); err == nil {
		t.Error("written below a file")
	}
}

func TestConnectionFileErrors(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"":                               "unexpected end",
		"[]":                             "cannot unmarshal",
		`{"shell_port": "many"}`:         "shell_port",
		`{"shell_port": -1}`:             "shell_port is -1",
		`{"hb_port": 65536}`:             "hb_port is 65536",
		`{"transport": "pgm"}`:           `transport "pgm"`,
		`{"transport": "ipc"}`:           "ip is empty",
		strings.Repeat(" ", 1<<17) + "}": "not a regular file",
		`{"key": "k", "signature_scheme": "hmac-sha1"}`: "hmac-sha1",
	} {
		path := filepath.Join(dir, "c.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadConnection(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.40q: %v, want an error with %q and the path", text, err, want)
		}
	}
	for _, path := range []string{filepath.Join(dir, "missing"), dir} {
		if _, err := ReadConnection(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for c, want := range map[Connection]string{
		{}:                               "tcp://127.0.0.1:7",
		{IP: "localhost"}:                "tcp://127.0.0.1:7",
		{IP: "::1"}:                      "tcp://[::1]:7",
		{Transport: "ipc", IP: "/run/k"}: "ipc:///run/k-7",
	} {
		if got := c.endpoint(7); got != want {
			t.Errorf("%+v: %s, want %s", c, got, want)
		}
	}
}

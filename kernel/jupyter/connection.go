package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"arch2vec/kernel/jupyter/early"
	"arch2vec/native/aside"
)

// Connection is a connection file: where the front end expects the kernel's
// sockets, and the key that signs messages.
type Connection struct {
	Transport       string `json:"transport"` // "tcp" or "ipc"
	IP              string `json:"ip"`        // address, or the path's beginning for ipc
	ShellPort       int    `json:"shell_port"`
	ControlPort     int    `json:"control_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	HBPort          int    `json:"hb_port"`
	SignatureScheme string `json:"signature_scheme"` // "hmac-sha256"
	Key             string `json:"key"`              // empty: messages are not signed
	KernelName      string `json:"kernel_name,omitempty"`
}

// maxConnectionFile bounds what is read as a connection file; real ones have
// some 300 bytes.
const maxConnectionFile = 1 << 16

// ReadConnection reads and checks the connection file at path.
func ReadConnection(path string) (Connection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Connection{}, fmt.Errorf("jupyter: connection file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxConnectionFile {
		return Connection{}, fmt.Errorf("jupyter: connection file %s: not a regular file of at most %d bytes", path, maxConnectionFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Connection{}, fmt.Errorf("jupyter: connection file: %w", err)
	}
	var c Connection
	if err := json.Unmarshal(text, &c); err != nil {
		return Connection{}, fmt.Errorf("jupyter: connection file %s: %w", path, err)
	}
	if err := c.check(); err != nil {
		return Connection{}, fmt.Errorf("jupyter: connection file %s: %w", path, err)
	}
	return c, nil
}

// Write writes the connection file, readable by its owner only: the key lets
// its reader run code.
func (c Connection) Write(path string) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("jupyter: connection file: %w", err)
	}
	if err := aside.WriteBytes(path, 0o600, append(text, '\n')); err != nil {
		return fmt.Errorf("jupyter: connection file: %w", err)
	}
	return nil
}

func (c Connection) check() error {
	for _, port := range []struct {
		name   string
		number int
	}{
		{"shell_port", c.ShellPort}, {"control_port", c.ControlPort}, {"iopub_port", c.IOPubPort},
		{"stdin_port", c.StdinPort}, {"hb_port", c.HBPort},
	} {
		if port.number < 0 || port.number > 65535 {
			return fmt.Errorf("%s is %d, not a port number", port.name, port.number)
		}
	}
	if c.Transport != "" && c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("transport %q is not supported, use tcp or ipc", c.Transport)
	}
	if c.Transport == "ipc" && c.IP == "" {
		return errors.New("ip is empty; for ipc it is the beginning of the sockets' path")
	}
	if c.Key != "" && c.SignatureScheme != "" && c.SignatureScheme != "hmac-sha256" {
		return fmt.Errorf("signature_scheme %q is not supported, use hmac-sha256", c.SignatureScheme)
	}
	return nil
}

// checkLocal refuses to listen where other machines could reach the kernel.
func (c Connection) checkLocal() error {
	if c.Transport == "ipc" || c.IP == "" || c.IP == "localhost" {
		return nil
	}
	if ip := net.ParseIP(c.IP); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("jupyter: the connection's ip %q is not a loopback address; listen at 127.0.0.1 and reach it from elsewhere through a tunnel", c.IP)
	}
	return nil
}

// endpoint gives the address of the socket with that port number.
func (c Connection) endpoint(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, port)
	}
	ip := c.IP
	if ip == "" || ip == "localhost" {
		ip = "127.0.0.1"
	}
	return "tcp://" + net.JoinHostPort(ip, strconv.Itoa(port))
}

// listen is net.Listen, but for the ports that are open since the process started.
func listen(network, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil && network == "tcp" && host == early.Address {
		number, _ := strconv.Atoi(port)
		if f := early.Take(number); f != nil {
			defer f.Close()
			return net.FileListener(f)
		}
	}
	return net.Listen(network, address)
}

// Package early opens a kernel's ports before the rest of the program is initialised.
//
// A front end dials some 15 ms after it started the kernel's process. Where nobody
// listens yet it tries again 100 to 200 ms later, and its user waits. Initialising
// the program's packages (plotting, Markdown, the interpreter) takes as long as those
// 15 ms. Of the packages whose imports are ready, Go initialises the one with the
// least import path first; this one imports little, so it comes before them and
// before main. Package net would come late: ports are opened by system calls.
//
// It is the one package whose initialisation acts: only in a process that was started
// as "arch2vec kernel start FILE", only for ports of 127.0.0.1 that FILE, a connection
// file, names. Whatever is wrong with them is left for the kernel to find and to
// tell, once it opens them itself.
package early

import (
	"encoding/json"
	"os"
	"sync"
)

// Address is the only one at which ports are opened.
const Address = "127.0.0.1"

var opened = open(os.Args)

// ports are the listening sockets by port; each is handed out once.
type ports struct {
	mu    sync.Mutex
	files map[int]*os.File
}

// Take gives the listening socket of a port of Address, which is the caller's then;
// nil where there is none. It is made for net.FileListener.
func Take(port int) *os.File { return opened.take(port) }

func (p *ports) take(port int) *os.File {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.files[port]
	delete(p.files, port)
	return f
}

// maxFile bounds what is read as a connection file; real ones have some 300 bytes.
const maxFile = 1 << 16

// open opens the ports of the connection file of a process with these arguments.
func open(args []string) *ports {
	p := &ports{files: map[int]*os.File{}}
	if len(args) < 4 || args[1] != "kernel" || args[2] != "start" {
		return p
	}
	path := args[3] // where the kernel's entry in Jupyter has it
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return p
	}
	var c struct {
		Transport string `json:"transport"`
		IP        string `json:"ip"`
		Shell     int    `json:"shell_port"`
		Control   int    `json:"control_port"`
		IOPub     int    `json:"iopub_port"`
		Stdin     int    `json:"stdin_port"`
		Heartbeat int    `json:"hb_port"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &c) != nil || c.Transport != "tcp" || c.IP != Address {
		return p
	}
	for _, port := range []int{c.Shell, c.Control, c.IOPub, c.Stdin, c.Heartbeat} {
		if port <= 0 || port > 65535 || p.files[port] != nil {
			continue
		}
		if f := listen(port); f != nil {
			p.files[port] = f
		}
	}
	return p
}

"""Drives the installed kernel "arch2vec" through the real jupyter_client: cells
that end their process, and cells that must be interrupted. The kernel tells why,
stays the same process, and runs the next cell. Prints one line per check; exits
1 if any failed.
"""
import os
import signal
import sys
import time

from jupyter_client.manager import start_new_kernel

# What ends a process, and what the error must say of it.
DEATHS = [
    ("os.Exit", 'import "os"\nos.Exit(3)', ["exit status 3"]),
    ("log.Fatal", 'import "log"\nlog.Fatal("bad input")', ["exit status 1"]),
    ("panic in a goroutine", 'go func() { panic("boom") }()\ntime.Sleep(time.Hour)', ["boom"]),
    ("stack overflow", "func deep(n int) int { return deep(n+1) + 1 }\ndeep(0)", ["stack"]),
    ("concurrent map write", '''m := map[int]int{}
for g := 0; g < 8; g++ {
	go func() {
		for i := 0; ; i++ {
			m[i%100] = i
		}
	}()
}
time.Sleep(time.Hour)''', ["concurrent map"]),
    ("SIGKILL", 'import "syscall"\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\ntime.Sleep(time.Hour)', ["SIGKILL"]),
    ("memory", '''var held [][]byte
for i := 0; i < 8000; i++ {
	b := make([]byte, 1<<20)
	for j := 0; j < len(b); j += 4096 {
		b[j] = 1
	}
	held = append(held, b)
}
len(held)''', ["memory"]),
    ("memory at once", "big := make([]byte, 8<<30)\nbig[1] = 1\nlen(big)", ["memory"]),
]

# Cells that fail without losing anything.
FAILURES = [
    ("panic(nil)", "panic(nil)", ["nil"]),
    ("runtime.Goexit", 'import "runtime"\nruntime.Goexit()', ["Goexit"]),
]

# What must be interrupted; whether variables survive it, and within what time.
INTERRUPTS = [
    ("for {}", "for {}", True, 1),
    ("channel wait", "<-make(chan int)", True, 1),
    ("select {}", "select {}", True, 1),
    ("time.Sleep(1h)", "time.Sleep(time.Hour)", True, 1),
    ("mutex", 'import "sync"\nvar mu sync.Mutex\nmu.Lock()\nmu.Lock()', True, 1),
    ("training run", '''import (
	"arch2vec/native/graphae"
	"arch2vec/native/space"
)
archs := space.NASBench201().Sample(500, 1)
graphae.Train(display.Context(), archs)''', True, 1),
    ("native spin", 'import "regexp"\nregexp.MustCompile("(x+x+)+y")\nstrings.Count(strings.Repeat("ab", 1<<40), "a")', False, 3),
]

failed = 0


def check(name, ok, detail=""):
    global failed
    failed += not ok
    print(("ok    " if ok else "FAIL  ") + name + ("" if ok else ": " + repr(detail)), flush=True)


def worker(root):
    """The pid of the process that runs the cells."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                if f.read().rsplit(")", 1)[1].split()[1] == str(root):
                    return int(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass


class Kernel:
    def __init__(self, **options):
        self.manager, self.client = start_new_kernel(kernel_name="arch2vec", **options)
        self.pid = self.manager.provisioner.process.pid

    def start(self, code):
        self.sent = self.client.execute(code)
        while self.client.get_iopub_msg(timeout=60)["msg_type"] != "execute_input":
            pass

    def finish(self, timeout=60):
        """The reply, and the text that came."""
        text = ""
        while True:
            m = self.client.get_iopub_msg(timeout=timeout)
            if m["parent_header"].get("msg_id") != self.sent:
                continue
            if m["msg_type"] == "stream":
                text += m["content"]["text"]
            elif m["msg_type"] == "execute_result":
                text += m["content"]["data"]["text/plain"]
            elif m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"]["msg_id"] == self.sent:
                return reply["content"], text

    def execute(self, code):
        self.start(code)
        return self.finish()

    def lives(self, name):
        reply, text = self.execute("40 + 2")
        alive = self.manager.provisioner.process.poll() is None
        check(name + ": the next cell runs", alive and text == "42", (reply, text, alive))


def said(reply):
    return reply.get("evalue", "") + "\n" + "\n".join(reply.get("traceback", []))


KERNEL = Kernel(env=dict(os.environ, ARCH2VEC_MEMORY_LIMIT="1GB"))
IMPORTS = 'import ("os"; "strings"; "time")\nkept := 41'
KERNEL.execute(IMPORTS)
for name, code, words in FAILURES:
    reply, text = KERNEL.execute(code)
    check(name, reply["status"] == "error" and all(w in said(reply) for w in words), (reply, text[-500:]))
    reply, text = KERNEL.execute("kept")
    check(name + ": variables are kept", text == "41", (reply, text))
for name, code, words in DEATHS:
    reply, text = KERNEL.execute(code)
    check(name, reply["status"] == "error" and all(w in said(reply) for w in words), (reply, text[-500:]))
    KERNEL.lives(name)
    KERNEL.execute(IMPORTS)

# Killed between two cells: the next one is told.
os.kill(worker(KERNEL.pid), signal.SIGKILL)
time.sleep(0.3)
reply, text = KERNEL.execute("1 + 1")
check("killed between cells", reply["status"] == "ok" and "SIGKILL" in text, (reply, text))

for how in ("message", "signal"):
    for name, code, keeps, limit in INTERRUPTS:
        KERNEL.execute(IMPORTS)
        KERNEL.start(code)
        time.sleep(1.0)
        begin = time.monotonic()
        if how == "message":
            KERNEL.manager.interrupt_kernel()
        else:
            os.kill(KERNEL.pid, signal.SIGINT)
        reply, text = KERNEL.finish()
        took = time.monotonic() - begin
        name = f"{name} interrupted by {how}"
        check(f"{name} in {took:.2f} s", reply["status"] == "error" and "nterrupt" in said(reply) and took <= limit, (reply, text[-500:]))
        reply, text = KERNEL.execute("kept" if keeps else "1 + 40")
        check(name + (": variables are kept" if keeps else ": the next cell runs"), text == "41", (reply, text))

KERNEL.client.stop_channels()
KERNEL.manager.shutdown_kernel(now=True)
sys.exit(failed > 0)

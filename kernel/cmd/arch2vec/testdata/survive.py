"""Drives the installed kernel "arch2vec" through the real jupyter_client: cells
that end their process, and cells that must be interrupted. The kernel tells why,
stays the same process, and runs the next cell. Prints one line per check; exits
1 if any failed.
"""
import os
import signal
import time

from client import Kernel, check, end

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
    ("index out of range", "[]int{1}[len(os.Args)+9]", ["out of range"]),
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
nb201, err := space.Open("nasbench201")
trainer, err := graphae.NewTrainer(nb201, graphae.DefaultConfig("nasbench201"))
if err = trainer.Run(display.Context(), nil); err != nil {
	panic(err)
}''', True, 1),
    ("native spin", '''import "math/big"
exponent := new(big.Int).Lsh(big.NewInt(1), 1<<27)
modulus := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 4096), big.NewInt(159))
new(big.Int).Exp(big.NewInt(3), exponent, modulus).BitLen()''', True, 3),
]

k = Kernel(env=dict(os.environ, ARCH2VEC_MEMORY_LIMIT="1GB"))
IMPORTS = 'import ("os"; "strings"; "time")\nkept := 41'


def lives(name):
    cell = k.execute("40 + 2")
    check(name + ": the next cell runs", k.alive() and cell.text() == "42", cell)


k.execute(IMPORTS)
for name, code, words in FAILURES:
    cell = k.execute(code)
    check(name, cell.status == "error" and all(w in cell.said() for w in words), cell)
    cell = k.execute("kept")
    check(name + ": variables are kept", cell.text() == "41", cell)
for name, code, words in DEATHS:
    cell = k.execute(code)
    check(name, cell.status == "error" and all(w in cell.said() for w in words + ["variables are lost"]), cell)
    check(name + ": the reason is shown", [e["evalue"] for e in cell.contents("error")] == [cell.reply["evalue"]], cell)
    lives(name)
    k.execute(IMPORTS)

# Killed between two cells: the next one is told.
os.kill(k.worker(), signal.SIGKILL)
time.sleep(0.3)
cell = k.execute("1 + 1")
check("killed between cells", cell.status == "ok" and "SIGKILL" in cell.text("stderr"), cell)

for how in ("message", "signal"):
    for name, code, keeps, limit in INTERRUPTS:
        k.execute(IMPORTS)
        sent = k.start(code)
        time.sleep(0.4)
        begin = time.monotonic()
        if how == "message":
            k.manager.interrupt_kernel()
        else:
            os.kill(k.pid, signal.SIGINT)
        cell = k.finish(sent)
        took = time.monotonic() - begin
        name = f"{name} interrupted by {how}"
        check(f"{name} in {took:.2f} s", cell.status == "error" and ("nterrupt" in cell.said() or "cancel" in cell.said()) and took <= limit, cell)
        cell = k.execute("kept" if keeps else "1 + 40")
        check(name + (": variables are kept" if keeps else ": the next cell runs"), cell.text().endswith("41"), cell)

k.close()
end()

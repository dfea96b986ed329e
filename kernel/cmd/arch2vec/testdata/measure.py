"""Measures a Go kernel through the real jupyter_client; prints medians.

    /usr/bin/python3 measure.py [KERNEL NAME] [RUNS]

Times are in milliseconds, from sending a request to its idle. Memory is the
sum of the resident sets of the kernel's processes.
"""
import os
import statistics
import sys
import time

from jupyter_client.manager import start_new_kernel, KernelManager

NAME = sys.argv[1] if len(sys.argv) > 1 else "arch2vec"
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5

LOOP = "s := 0\nfor i := 0; i < 1000000; i++ {\n\ts += i\n}\ns"
PRINT = '''for i := 0; i < 200000; i++ {
\tfmt.Printf("%049d\\n", i)
}'''
INTERLEAVED = '''for i := 0; i < 2000; i++ {
\tfmt.Println("out", i)
\tfmt.Fprintln(os.Stderr, "err", i)
}'''


def processes(root):
    """The resident bytes of root and its descendants, each a kilobyte count."""
    parents, resident = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/status") as f:
                fields = dict(line.rstrip().split(":", 1) for line in f)
            parents[int(pid)] = int(fields["PPid"])
            resident[int(pid)] = int(fields.get("VmRSS", "0 kB").split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    family = [root]
    for pid in family:
        family += [p for p, parent in parents.items() if parent == pid]
    return [resident[p] for p in family]


class Kernel:
    def __init__(self):
        begin = time.perf_counter()
        self.manager = KernelManager(kernel_name=NAME)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.ready = 1000 * (time.perf_counter() - begin)

    def memory(self):
        return processes(self.manager.provisioner.process.pid)

    def execute(self, code):
        """Runs a cell; gives milliseconds to idle, and its messages."""
        begin = time.perf_counter()
        sent = self.client.execute(code)
        messages, done = [], 0
        while True:
            m = self.client.get_iopub_msg(timeout=120)
            if m["parent_header"].get("msg_id") != sent:
                continue
            messages.append((m["msg_type"], m["content"]))
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                done = 1000 * (time.perf_counter() - begin)
                break
        reply = self.client.get_shell_msg(timeout=120)["content"]
        assert reply["status"] == "ok", reply
        return done, messages

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def text(messages, stream):
    return "".join(c["text"] for k, c in messages if k == "stream" and c["name"] == stream)


def streams(messages):
    return sum(k == "stream" for k, c in messages)


def tell(what, values, unit="ms"):
    values = list(values)
    print(f"{what:44}{statistics.median(values):10.2f} {unit:4} (best {min(values):.2f}, worst {max(values):.2f}, of {len(values)})", flush=True)


print(f"kernel {NAME}, load {os.getloadavg()[0]:.1f}")
ready, first, memory = [], [], []
for _ in range(RUNS):
    k = Kernel()
    ready.append(k.ready)
    memory.append(sum(k.memory()) / 1024)
    first.append(k.execute("1+1")[0])
    k.close()
tell("ready", ready)
tell("memory at ready, all processes", memory, "MB")
tell("the first 1+1", first)

k = Kernel()
k.execute('import ("fmt"; "os"; "strings")')
tell("1+1", (k.execute("1+1")[0] for _ in range(100)))
tell("loop of 1e6 additions", (k.execute(LOOP)[0] for _ in range(2 * RUNS)))

times, counts = [], []
for _ in range(RUNS):
    t, messages = k.execute(PRINT)
    assert text(messages, "stdout") == "".join("%049d\n" % i for i in range(200000)), "output was lost"
    times.append(t)
    counts.append(streams(messages))
tell("10 MB in 200,000 prints", times)
tell("    in stream messages", counts, "")

times, counts = [], []
for _ in range(RUNS):
    t, messages = k.execute('fmt.Print(strings.Repeat("0123456789abcdef\\n", 10000000/17))')
    times.append(t)
    counts.append(streams(messages))
    assert len(text(messages, "stdout")) == 10000000 // 17 * 17
tell("10 MB in one print", times)
tell("    in stream messages", counts, "")

t, messages = k.execute(INTERLEAVED)
all_text = "".join(c["text"] for kind, c in messages if kind == "stream")
ordered = all_text == "".join("out %d\nerr %d\n" % (i, i) for i in range(2000))
print(f"stdout and stderr in order: {ordered} ({streams(messages)} messages, {t:.0f} ms)")

for code in ("make([]int, 1000000)", "make([]float64, 1000000)", "map[int]string{}"):
    if code.startswith("map"):
        code = "big := map[int]string{}\nfor i := 0; i < 1000000; i++ {\n\tbig[i] = \"x\"\n}\nbig"
    t, messages = k.execute(code)
    shown = [c["data"] for kind, c in messages if kind == "execute_result"]
    size = sum(len(str(v)) for data in shown for v in data.values())
    print(f"{code[:24].splitlines()[0]:44}{size:10} bytes shown, {t:.0f} ms")

times = []
for code in ["fmt.Pr", "strings.", "os.", "fm"] * 25:
    begin = time.perf_counter()
    reply = k.client.complete(code, reply=True, timeout=20)["content"]
    times.append(1000 * (time.perf_counter() - begin))
    assert NAME == "gophernotes" or reply["matches"], code
tell("completion", times)
print("memory at the end, MB:", [round(m / 1024) for m in k.memory()])
k.close()

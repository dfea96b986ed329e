"""Many cells in one session, two clients, restarts, many kernels one after
another: memory and latency must not grow, nothing may be left.

    /usr/bin/python3 endure.py [CELLS] [CYCLES]     (10000 and 100 take minutes)
"""
import glob
import os
import statistics
import sys
import tempfile
import time

from jupyter_client import BlockingKernelClient

from client import Kernel, check, end

CELLS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
CYCLES = int(sys.argv[2]) if len(sys.argv) > 2 else 3
temporary = os.environ["TMPDIR"] = tempfile.mkdtemp()


def family(root):
    """root and its descendants."""
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                parents[int(pid)] = int(f.read().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    found = [root]
    for pid in found:
        found += [p for p, parent in parents.items() if parent == pid]
    return found


def memory(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as f:
            total += next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    return total / 1024


def files(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def exists(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pids, patience=5):
    limit = time.monotonic() + patience
    while any(map(exists, pids)) and time.monotonic() < limit:
        time.sleep(0.02)
    return not any(map(exists, pids))


def listening(ports):
    ours = {f":{port:04X}" for port in ports}
    with open("/proc/net/tcp") as f:
        return [line for line in f if line.split()[1][8:] in ours and line.split()[3] == "0A"]


# Cells as a user writes them: values, variables, functions, types, errors, output.
KINDS = [
    "{n} + 1",
    "x{m} := {n}\nx{m} * 2",
    "func f{m}(a int) int {{ return a + {n} }}\nf{m}(1)",
    "type T{m} struct{{ A, B int }}\nT{m}{{1, {n}}}",
    'for i := 0; i < 10; i++ {{\n\tfmt.Println("line", i)\n}}',
    "s := []int{{}}\nfor i := range 100 {{\n\ts = append(s, i)\n}}\nlen(s)",
    'display.Display(display.HTML("<b>{n}</b>"))',
    "nosuch{n}",
]
k = Kernel()
times, before, opened = [], 0, 0
for n in range(CELLS):
    code = KINDS[n % len(KINDS)].format(n=n, m=n % 200)
    begin = time.perf_counter()
    cell = k.execute(code)
    times.append(1000 * (time.perf_counter() - begin))
    if cell.status != ("error" if code.startswith("nosuch") else "ok"):
        check(f"cell {n}", False, (code, cell))
        break
    if n == CELLS // 10:
        before, opened = memory(family(k.pid)), files(family(k.pid))
after = memory(family(k.pid))
part = len(times) // 5
values = [t for i, t in enumerate(times) if i % len(KINDS) != len(KINDS) - 1]  # errors are held back a moment
part = len(values) // 5
early, late = statistics.median(values[part:2 * part]), statistics.median(values[-part:])
check(f"{CELLS} cells: memory from {before:.0f} to {after:.0f} MB", after - before < 100)
check(f"{CELLS} cells: latency from {early:.2f} to {late:.2f} ms", late < 1.5 * early + 5)
check("no descriptor is left open", files(family(k.pid)) <= opened + 2, (opened, files(family(k.pid))))

# Two clients: each gets its own replies, both see all output.
other = BlockingKernelClient(connection_file=k.manager.connection_file)
other.load_connection_file()
other.start_channels()
other.wait_for_ready(timeout=30)
mine, theirs = {}, {}
for n in range(50):
    mine[k.client.execute(f"{n}")] = n
    theirs[other.execute(f"1000 + {n}")] = n
for client, own in (k.client, mine), (other, theirs):
    replies = [client.get_shell_msg(timeout=60) for _ in own]
    check("a client gets its own replies", {m["parent_header"]["msg_id"] for m in replies} == set(own) and
          all(m["content"]["status"] == "ok" for m in replies))
for client in k.client, other:
    seen, results = set(), 0
    while len(seen) < 100:
        m = client.get_iopub_msg(timeout=60)
        if m["parent_header"].get("msg_id") in mine.keys() | theirs.keys():
            results += m["msg_type"] == "execute_result"
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                seen.add(m["parent_header"]["msg_id"])
    check("a client sees everybody's output", results == 100, results)
other.stop_channels()
k.close()

# Start and stop, in every way.
ports, processes, trouble = set(), set(), []
for n in range(CYCLES):
    k = Kernel()
    k.execute('import "os/exec"\nexec.Command("sleep", "1000").Start()')
    mine = family(k.pid)
    if len(mine) < 3:
        trouble.append(("children", mine))
    processes |= set(mine)
    ports |= {getattr(k.manager, p + "_port") for p in ("shell", "iopub", "stdin", "control", "hb")}
    how = n % 4
    if how == 0:  # in order
        k.client.stop_channels()
        k.manager.shutdown_kernel()
    elif how == 1:  # killed by the front end
        k.close()
    elif how == 2:  # the front dies: its worker and the programs of cells follow
        os.kill(k.pid, 9)
        k.manager.provisioner.process.wait()
        k.close()
    else:  # a restart on the same ports while a cell runs
        k.client.execute("for {}")
        k.manager.restart_kernel(now=True)
        k.client.wait_for_ready(timeout=60)
        k.pid = k.manager.provisioner.process.pid
        processes |= set(family(k.pid))
        if k.execute("1 + 1").text() != "2":
            trouble.append("no answer after a restart")
        k.close()
    if not gone(mine):
        trouble.append((how, [p for p in mine if exists(p)]))
check(f"{CYCLES} kernels ended with all their processes", gone(processes) and not trouble, trouble)
check("no port is left open", not listening(ports), listening(ports))
check("no file is left", not glob.glob(temporary + "/*"), os.listdir(temporary))
os.rmdir(temporary)
end()

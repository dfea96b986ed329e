"""Drives the installed kernel "arch2vec" through the real jupyter_client.

Each faulty cell must fail with its own line and column, and the next cell must
find every variable as it was. Prints one line per check; exits 1 at a failure.
"""
import re
import sys

from jupyter_client.manager import start_new_kernel

# name, cell, and where its error is: (line, column).
FAULTS = [
    ("syntax error", "a := 1\nb := (a +\n", None),
    ("syntax error in place", "kept++\nfoo bar", (2, 5)),
    ("type error", 'kept++\nvar s string = "a" + 1\n', (2, 16)),
    ("undefined name", "kept++\n  nosuch(1)\n", (2, 3)),
    ("panic", 'x := 3\nif x == 3 {\n\tpanic("boom")\n}', (3, 2)),
    ("nil map write", 'var m map[string]int\nm["a"] = 1', (2, None)),
    ("index out of range", "s := []int{1, 2}\ni := 5\nfmt.Println(s[i])", (3, None)),
    ("panic in a function", "func f(a []int) int {\n\treturn a[3]\n}\nf(nil)", (2, None)),
    ("nil pointer", "type T struct{ n int }\nvar p *T\np.n = 1", (3, None)),
]


def execute(client, code):
    """Runs one cell; returns (reply content, text of stdout and results, error)."""
    text, error = [], []

    def hook(msg):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            text.append(content["text"])
        elif msg["msg_type"] == "execute_result":
            text.append(content["data"]["text/plain"])
        elif msg["msg_type"] == "error":
            error.append(content)

    reply = client.execute_interactive(code, timeout=60, output_hook=hook, allow_stdin=False)
    return reply["content"], "".join(text), error[0] if error else None


def check(name, ok, detail):
    print(("ok    " if ok else "FAIL  ") + name + ("" if ok else ": " + repr(detail)))
    if not ok:
        sys.exit(1)


manager, client = start_new_kernel(kernel_name="arch2vec")
try:
    reply, text, _ = execute(client, 'import "fmt"\nkept := 41\nnames := []string{"a", "b"}\nfmt.Println("ready")')
    check("first cell", reply["status"] == "ok" and text == "ready\n", (reply, text))
    for name, code, place in FAULTS:
        reply, text, error = execute(client, code)
        check(name + " fails", reply["status"] == "error" and error is not None, (reply, text))
        said = error["evalue"] + "\n" + re.sub("\x1b\\[[0-9;]*m", "", "\n".join(error["traceback"]))
        where = re.search(r"cell\[(\d+)\]:(\d+):(\d+)", said)
        check(name + " names cell, line and column", where is not None, said)
        if place is not None:
            line, column = int(where.group(2)), int(where.group(3))
            check(name + " is at its place", line == place[0] and place[1] in (None, column), (place, said))
        check(name + " shows nothing of the kernel's own code", "yaegi" not in said and "goroutine" not in said, said)
        reply, text, _ = execute(client, "fmt.Println(kept, names)")
        check("the cell after: " + name, reply["status"] == "ok" and text == "41 [a b]\n", (reply, text))
    reply, text, _ = execute(client, "kept + 1")
    check("value of an expression", text == "42", text)
finally:
    client.stop_channels()
    manager.shutdown_kernel()

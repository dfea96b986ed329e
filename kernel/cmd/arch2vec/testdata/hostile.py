"""Hostile and broken peers on every port of a real kernel, while a right one
works: the kernel serves it, does not crash, and takes no memory or descriptors
for good."""
import os
import socket
import struct
import time

import zmq

from client import Kernel, check, end

k = Kernel()
PORTS = [getattr(k.manager, p + "_port") for p in ("shell", "iopub", "stdin", "control", "hb")]
GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48


def dial(port):
    return socket.create_connection(("127.0.0.1", port))


def ready(kind):
    body = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    return b"\x04" + bytes([len(body)]) + body


def shaken(port, kind):
    s = dial(port)
    s.sendall(GREETING + ready(kind))
    s.recv(64, socket.MSG_WAITALL)
    return s


def use():
    """The front process: resident MB, descriptors, threads."""
    with open(f"/proc/{k.pid}/status") as f:
        fields = dict(line.rstrip().split(":", 1) for line in f)
    return int(fields["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{k.pid}/fd")), int(fields["Threads"])


def served(what):
    begin = time.monotonic()
    cell = k.execute("40 + 2")
    took = time.monotonic() - begin
    check(f"served in {1000 * took:.0f} ms: {what}", cell.text() == "42" and took < 2, cell)


served("before")
before = use()

silent = [dial(port) for port in PORTS for _ in range(200)]
served("1,000 silent connections")
half = [shaken(port, b"DEALER") for port in PORTS[::2] for _ in range(20)]
served("connections that say nothing after the handshake")

for port, kind in zip(PORTS, (b"DEALER", b"SUB", b"DEALER", b"DEALER", b"REQ")):
    for octets in (
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(1000),
        GREETING[:10] + b"\x01" + GREETING[11:],
        GREETING + b"\x04\xff" + os.urandom(255),
        GREETING + ready(b"PULL"),
        GREETING + ready(kind) + b"\x02" + struct.pack(">Q", 1 << 45),
        GREETING + ready(kind) + b"\x02" + struct.pack(">Q", (1 << 64) - 1),
        GREETING + ready(kind) + b"\x06" + struct.pack(">Q", 1 << 30),
        GREETING + ready(kind) + b"\x01\0" * 100000,
        GREETING + ready(kind) + b"\0\0" * 100000,
        GREETING + ready(kind) + b"\x80\x01x",
    ):
        s = dial(port)
        try:
            s.sendall(octets)
        except OSError:
            pass  # sent away
        s.close()
served("octets that are no ZMTP, or too much of it")

# Messages through the real ZeroMQ, with wrong signatures and shapes.
context = zmq.Context()
peer = context.socket(zmq.DEALER)
peer.connect(f"tcp://127.0.0.1:{PORTS[0]}")
session = k.client.session
header = b'{"msg_id":"x","msg_type":"execute_request"}'
bomb = b"[" * (8 << 20)
for parts in (
    [b""], [b"", b"", b""], [b"<IDS|MSG>"], [b"<IDS|MSG>"] * 20, [b"x"] * 4000,
    [b"<IDS|MSG>", b"0" * 64, header, b"{}", b"{}", b'{"code":"os.Exit(1)"}'],
    [b"<IDS|MSG>", b"", header, b"{}", b"{}", b'{"code":"os.Exit(1)"}'],
    [b"<IDS\xff|MSG>", b"", header, b"{}", b"{}", b"{}"],
    [b"<IDS|MSG>", session.sign([bomb, b"{}", b"{}", b"{}"]), bomb, b"{}", b"{}", b"{}"],
    [b"<IDS|MSG>", session.sign([header, bomb, b"{}", b"{}"]), header, bomb, b"{}", b"{}"],
    [b"<IDS|MSG>", session.sign([header, b"{}", b"{}", bomb]), header, b"{}", b"{}", bomb],
    [b"<IDS|MSG>", session.sign([header, b"{}", b"{}", b'{"a":' * (1 << 20)]), header, b"{}", b"{}", b'{"a":' * (1 << 20)],
):
    peer.send_multipart(parts)
peer.close(linger=5000)
time.sleep(0.5)
served("bad signatures, delimiters and JSON bombs")

# A subscriber that never reads, while much is printed.
deaf = shaken(PORTS[1], b"SUB")
deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
deaf.sendall(b"\0\x01\x01")
time.sleep(0.2)
begin = time.monotonic()
cell = k.execute('import ("fmt"; "strings")\nfor i := 0; i < 60; i++ {\n\tfmt.Println(strings.Repeat("x", 1<<20))\n}')
check(f"60 MB arrive in {time.monotonic() - begin:.1f} s beside a subscriber that never reads",
      len(cell.text()) == 60 * ((1 << 20) + 1), cell.status)
served("a subscriber that never reads")

for s in silent + half + [deaf]:
    s.close()
deadline = time.monotonic() + 10
while use()[1] > before[1] and time.monotonic() < deadline:
    time.sleep(0.1)
after = use()
check(f"descriptors {before[1]}, then {after[1]}", after[1] <= before[1], (before, after))
check(f"memory {before[0]:.0f} MB, then {after[0]:.0f} MB", after[0] < before[0] + 350, (before, after))
served("after")
check("the kernel is the same process", k.alive())
k.close()
end()

"""What the scripts beside it share: a kernel "arch2vec", driven through the real
jupyter_client, and checks that print a line each."""
import os
import sys

from jupyter_client.manager import start_new_kernel

failed = 0


def check(name, ok, detail=""):
    global failed
    failed += not ok
    print(("ok    " if ok else "FAIL  ") + name + ("" if ok else ": " + repr(detail)), flush=True)


def end():
    """Ends the script with the status that says whether all checks held."""
    sys.stdout.flush()
    os._exit(failed > 0)  # the client's own finalizers complain on Debian


class Cell:
    """What a cell left: its reply, and its messages on iopub."""

    def __init__(self, reply, messages):
        self.reply, self.messages = reply, messages
        self.status = reply["status"]

    def contents(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    def text(self, stream=None):
        """What was printed, to one stream or both, and the cell's value."""
        parts = []
        for m in self.messages:
            c = m["content"]
            if m["msg_type"] == "stream" and stream in (None, c["name"]):
                parts.append(c["text"])
            elif m["msg_type"] == "execute_result" and stream is None:
                parts.append(c["data"]["text/plain"])
        return "".join(parts)

    def said(self):
        """The error, with its traceback."""
        return self.reply.get("evalue", "") + "\n" + "\n".join(self.reply.get("traceback", []))

    def __repr__(self):
        return f"{self.reply} {self.text()[-800:]!r}"


class Kernel:
    def __init__(self, **options):
        self.manager, self.client = start_new_kernel(kernel_name="arch2vec", **options)
        self.pid = self.manager.provisioner.process.pid

    def alive(self):
        return self.manager.provisioner.process.poll() is None

    def worker(self):
        """The process that runs the cells."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as f:
                    if f.read().rsplit(")", 1)[1].split()[1] == str(self.pid):
                        return int(pid)
            except (FileNotFoundError, ProcessLookupError):
                pass

    def iopub(self, timeout=60):
        return self.client.get_iopub_msg(timeout=timeout)

    def caused(self, sent, timeout=60):
        """The messages that a request causes, up to its idle."""
        messages = []
        while True:
            m = self.iopub(timeout)
            if m["parent_header"].get("msg_id") != sent:
                continue
            messages.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                return messages

    def reply(self, sent, timeout=60):
        while True:
            m = self.client.get_shell_msg(timeout=timeout)
            if m["parent_header"].get("msg_id") == sent:
                return m["content"]

    def start(self, code, **options):
        """Starts a cell; returns when it runs."""
        sent = self.client.execute(code, **options)
        while self.iopub()["msg_type"] != "execute_input":
            pass
        return sent

    def finish(self, sent):
        messages = self.caused(sent)
        return Cell(self.reply(sent), messages)

    def execute(self, code, **options):
        sent = self.client.execute(code, **options)
        return self.finish(sent)

    def send(self, kind, content, metadata=None, buffers=None):
        """Sends a message on the shell channel."""
        session = self.client.session
        m = session.msg(kind, content, metadata=metadata)
        session.send(self.client.shell_channel.socket, m, buffers=buffers)
        return m["header"]["msg_id"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

"""Drives the kernel with the real jupyter_client; any failure is an exception."""
import faulthandler
import time

from jupyter_client.manager import start_new_kernel

faulthandler.dump_traceback_later(60, exit=True)
km, kc = start_new_kernel(kernel_name="arch2vec")


def output(msg_id):
    messages = []
    while True:
        m = kc.get_iopub_msg(timeout=10)
        if m["parent_header"].get("msg_id") != msg_id:
            continue
        messages.append((m["msg_type"], m["content"]))
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            return messages


def of(kind, messages):
    return [c for k, c in messages if k == kind]


def execute(code, **flags):
    msg_id = kc.execute(code, **flags)
    out = output(msg_id)
    while True:
        reply = kc.get_shell_msg(timeout=10)
        if reply["parent_header"]["msg_id"] == msg_id:
            return reply["content"], out


# A cell with everything.
reply, out = execute("print hello\neprint oh\ndisplay text/html <b>x</b>\nupdate text/html <i>\nclear\nvalue 42")
assert reply["status"] == "ok" and reply["execution_count"] == 1, reply
assert of("execute_input", out)[0]["execution_count"] == 1
assert [s["text"] for s in of("stream", out)] == ["hello\n", "oh\n"], out
assert of("display_data", out)[0]["transient"] == {"display_id": "d"}
assert len(of("update_display_data", out)) == len(of("clear_output", out)) == 1
assert of("execute_result", out)[0]["data"] == {"text/plain": "42"}

# Much output is complete.
_, out = execute("flood 20000")
text = "".join(s["text"] for s in of("stream", out))
assert text == "".join("%099d\n" % i for i in range(20000)), len(text)

# Errors, and what waits behind them.
first, second = kc.execute("fail boom"), kc.execute("print never")
replies = {m["parent_header"]["msg_id"]: m["content"] for m in (kc.get_shell_msg(timeout=10), kc.get_shell_msg(timeout=10))}
assert replies[first]["ename"] == "Failure" and replies[second]["status"] == "aborted", replies
assert of("error", output(first))[0]["evalue"] == "boom"
output(second)

# Questions, with a cursor behind characters outside the BMP.
reply = kc.complete("value 😀 pr", 10, reply=True, timeout=10)["content"]
assert (reply["matches"], reply["cursor_start"], reply["cursor_end"]) == (["print"], 8, 10), reply
assert kc.inspect("print", reply=True, timeout=10)["content"]["found"]
kc.is_complete("if {")
assert kc.get_shell_msg(timeout=10)["content"] == {"status": "incomplete", "indent": "\t"}
assert kc.history(hist_access_type="tail", n=1, reply=True, timeout=10)["content"]["history"] == [[1, 3, "fail boom"]]
assert kc.comm_info(reply=True, timeout=10)["content"]["comms"] == {}
assert kc.kernel_info(reply=True, timeout=10)["content"]["language_info"]["name"] == "go"
assert kc.is_alive() and kc.hb_channel.is_beating()

# Input.
msg_id = kc.execute("input name? ", allow_stdin=True)
question = kc.get_stdin_msg(timeout=10)
assert question["content"] == {"prompt": "name? ", "password": False}, question
kc.input("Gopher")
assert of("stream", output(msg_id))[0]["text"] == "read Gopher\n"
kc.get_shell_msg(timeout=10)

# A wrong signature is ignored; the right one works again.
session, right = kc.session, kc.session.key
session.key = b"wrong"
kc.execute("print never")
session.key = right
reply, out = execute("print right")
assert of("stream", out)[0]["text"] == "right\n", out

# The front end's interrupt goes by message.
msg_id = kc.execute("print started\nblock")
while kc.get_iopub_msg(timeout=10)["msg_type"] != "stream":
    pass
km.interrupt_kernel()
reply = kc.get_shell_msg(timeout=10)
assert reply["content"]["ename"] == "Interrupted", reply

# Another client at the same time.
other = km.client()
other.start_channels()
other.wait_for_ready(timeout=10)
assert other.execute("value 1", reply=True, timeout=10)["content"]["status"] == "ok"
other.stop_channels()

# Restart, while a cell runs, gives a fresh kernel.
kc.execute("block")
km.restart_kernel(now=False)
kc.wait_for_ready(timeout=20)
reply, _ = execute("value 1")
assert reply["execution_count"] == 1, reply

# Shutdown is answered, and the process ends by itself.
kc.shutdown()
assert kc.get_control_msg(timeout=10)["content"]["status"] == "ok"
process = km.provisioner.process
assert process.wait(timeout=10) == 0, process.returncode
kc.stop_channels()
km.shutdown_kernel(now=True)

"""Comms in both directions, with their buffers, while a cell runs and between
cells."""
import queue
import uuid

from client import Kernel, check, end

k = Kernel()


def comm_info(**content):
    return k.reply(k.send("comm_info_request", content))["comms"]


def of(messages, kind):
    return [m for m in messages if m["msg_type"] == kind]


# The front end opens.
cell = k.execute('''import ("fmt"; "time"; "arch2vec/kernel/comm")
var last comm.Message
err := comm.Register("echo", func(c *comm.Comm, m comm.Message) {
	fmt.Println("opened with", m.Data["x"])
	c.OnMessage(func(m comm.Message) {
		last = m
		if m.Data["panic"] != nil {
			panic("in a callback")
		}
		if m.Data["stop"] != nil {
			c.Close(comm.Message{Data: map[string]any{"bye": 1}})
			return
		}
		c.Send(comm.Message{Data: map[string]any{"echo": m.Data["x"]}, Metadata: m.Metadata, Buffers: m.Buffers})
	})
	c.OnClose(func(m comm.Message) { fmt.Println("closed", m.Data["why"]) })
})
err == nil''')
check("register", cell.text() == "true", cell)

one = uuid.uuid4().hex
messages = k.caused(k.send("comm_open", {"comm_id": one, "target_name": "echo", "data": {"x": 1.5}}))
check("the open's function prints", [m["content"]["text"] for m in of(messages, "stream")] == ["opened with 1.5\n"], messages)
check("no comm_close", not of(messages, "comm_close"), messages)
check("comm_info lists it", comm_info() == {one: {"target_name": "echo"}}, comm_info())
check("comm_info by target", comm_info(target_name="echo") != {} and comm_info(target_name="other") == {}, comm_info())

messages = k.caused(k.send("comm_msg", {"comm_id": one, "data": {"x": ["a", 2]}}, {"m": True}, [b"\x00\xff<IDS|MSG>", b""]))
echo = of(messages, "comm_msg")
check("the message comes back", len(echo) == 1 and echo[0]["content"] == {"comm_id": one, "data": {"echo": ["a", 2]}}, messages)
check("metadata and buffers too", echo[0]["metadata"] == {"m": True} and
      [bytes(b) for b in echo[0]["buffers"]] == [b"\x00\xff<IDS|MSG>", b""], echo)
check("a cell sees it", k.execute('last.Data["x"]').text() == "[a 2]", k.execute('last.Data["x"]'))

sent = k.start('for last.Data["x"] != "during" {\n\ttime.Sleep(time.Millisecond)\n}\n"seen"')
messages = []
k.send("comm_msg", {"comm_id": one, "data": {"x": "during"}})
cell = k.finish(sent)
check("a message during a cell", cell.text() == "seen", cell)
check("is answered during the cell", [c["data"] for c in cell.contents("comm_msg")] == [{"echo": "during"}], cell.messages)

messages = k.caused(k.send("comm_msg", {"comm_id": one, "data": {"panic": 1}}))
check("a panic is told", "in a callback" in "".join(m["content"]["text"] for m in of(messages, "stream")), messages)
check("and harms nothing", k.execute("40+2").text() == "42")

messages = k.caused(k.send("comm_msg", {"comm_id": one, "data": {"stop": 1}}))
check("the session closes", [m["content"] for m in of(messages, "comm_close")] == [{"comm_id": one, "data": {"bye": 1}}], messages)
check("it is gone", comm_info() == {}, comm_info())

# The front end closes.
two = uuid.uuid4().hex
k.caused(k.send("comm_open", {"comm_id": two, "target_name": "echo", "data": {}}))
messages = k.caused(k.send("comm_close", {"comm_id": two, "data": {"why": "done"}}))
check("the close's function prints", [m["content"]["text"] for m in of(messages, "stream")] == ["closed done\n"], messages)
check("no comm is left", comm_info() == {}, comm_info())

# Nobody there.
three = uuid.uuid4().hex
messages = k.caused(k.send("comm_open", {"comm_id": three, "target_name": "nosuch", "data": {}}))
check("an unknown target is closed", [m["content"] for m in of(messages, "comm_close")] == [{"comm_id": three, "data": {}}], messages)
messages = k.caused(k.send("comm_msg", {"comm_id": "nosuch", "data": {}}))
check("an unknown comm is ignored", [m["msg_type"] for m in messages] == ["status"] * 2, messages)
k.caused(k.send("comm_msg", "broken"))

# Opened right behind the cell that registers the target.
k.client.execute('time.Sleep(300 * time.Millisecond)\ncomm.Register("later", func(c *comm.Comm, m comm.Message) { fmt.Println("there") })')
messages = k.caused(k.send("comm_open", {"comm_id": uuid.uuid4().hex, "target_name": "later", "data": {}}))
check("a target registered just before", not of(messages, "comm_close"), messages)

# The session opens, and waits for an answer in the cell.
sent = k.start('''c, err := comm.Open("front", comm.Message{Data: map[string]any{"hello": 1}, Metadata: map[string]any{"version": "2.1.0"}, Buffers: [][]byte{{1, 2}}})
if err != nil {
	panic(err)
}
for m := range c.Messages() {
	fmt.Println(m.Data["n"], len(m.Buffers))
	if m.Data["n"] == 3.0 {
		break
	}
}
c.Send(comm.Message{Data: map[string]any{"done": true}})
c.Target()''')
while True:
    m = k.iopub()
    if m["msg_type"] == "comm_open":
        break
four = m["content"]["comm_id"]
check("the session opens", m["content"]["target_name"] == "front" and m["content"]["data"] == {"hello": 1} and
      m["metadata"] == {"version": "2.1.0"} and bytes(m["buffers"][0]) == b"\x01\x02", m)
for n in 1, 2, 3:
    k.send("comm_msg", {"comm_id": four, "data": {"n": n}}, buffers=[b"x"] * n)
cell = k.finish(sent)
check("it receives in order", cell.text("stdout") == "1 1\n2 2\n3 3\n", cell)
check("and sends", [c["data"] for c in cell.contents("comm_msg")] == [{"done": True}], cell.messages)

# A wait for a message can be interrupted, in both forms.
for wait in "c.Receive(display.Context())", "<-c.Messages()":
    sent = k.start(wait)
    k.manager.interrupt_kernel()
    cell = k.finish(sent)
    check(f"{wait} is interrupted", cell.status == "error" or "cancel" in cell.text(), cell)
check("state is kept", k.execute("c.ID()").text().strip('"') == four, k.execute("c.ID()"))

# A function that waits for the next message of its own comm holds up nothing for long.
k.execute('''c.OnMessage(nil)
comm.Register("waits", func(w *comm.Comm, m comm.Message) {
	go func() {
		m, err := w.Receive(display.Context())
		fmt.Println("got", m.Data["n"], err)
	}()
})''')
five = uuid.uuid4().hex
k.caused(k.send("comm_open", {"comm_id": five, "target_name": "waits", "data": {}}))
k.send("comm_msg", {"comm_id": five, "data": {"n": 7}})
text = ""
try:
    while "got 7" not in text:
        m = k.iopub(10)
        text += m["content"].get("text", "")
except queue.Empty:
    pass
check("a goroutine receives between cells", "got 7 <nil>" in text, text)

# With the session its comms go.
open_comms = set(comm_info())
cell = k.execute('import "os"\nos.Exit(1)')
check("the front end is told that comms are closed", {c["comm_id"] for c in cell.contents("comm_close")} == open_comms and
      four in open_comms, (open_comms, cell.messages))
check("none is left", comm_info() == {}, comm_info())
check("the next cell runs", k.execute("1+1").text() == "2")
k.close()
end()

// Package comm gives cells two-way channels to the front end: Jupyter's comms,
// which widgets and notebooks' own JavaScript talk through.
//
// A cell opens a comm to a target that the front end knows,
//
//	c, err := comm.Open("my.plot", comm.Message{Data: map[string]any{"points": 100}})
//
// or registers a target that the front end may open comms to,
//
//	comm.Register("my.target", func(c *comm.Comm, m comm.Message) {
//		c.OnMessage(func(m comm.Message) { c.Send(comm.Message{Data: m.Data}) })
//	})
//
// Messages arrive while a cell runs and between cells. They go to the function
// that OnMessage sets; without one they wait in Messages, a channel, from which
// Receive takes them as well:
//
//	for m := range c.Messages() {
//		fmt.Println(m.Data["value"])
//	}
//
// Functions are called one at a time and in the order of the messages, beside
// the running cell if there is one: what both use needs a lock. What they print
// appears under the last cell, or wherever the front end shows the output of the
// message. A function that does not return holds up the others for a second only.
//
// Outside a Jupyter kernel there is nobody at the other end, and Open says so.
//
// The protocol is described at
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages.
package comm

package comm_test

import (
	"fmt"

	"arch2vec/kernel/comm"
)

// A target that answers; here the frames that the kernel would carry are
// delivered and printed by hand.
func Example() {
	comm.Connect(func(f comm.Frame) error {
		fmt.Println("to the front end:", f.Kind, f.ID, f.Data)
		return nil
	})
	defer comm.Connect(nil)

	err := comm.Register("square", func(c *comm.Comm, _ comm.Message) {
		c.OnMessage(func(m comm.Message) {
			x := m.Data["x"].(float64)
			if err := c.Send(comm.Message{Data: map[string]any{"square": x * x}}); err != nil {
				fmt.Println(err)
			}
		})
	})
	if err != nil {
		fmt.Println(err)
	}

	comm.Deliver(comm.Frame{Kind: comm.Opening, ID: "1", Target: "square"})
	comm.Deliver(comm.Frame{Kind: comm.Messaging, ID: "1", Message: comm.Message{Data: map[string]any{"x": 3.0}}})
	fmt.Println(comm.Deliver(comm.Frame{Kind: comm.Opening, ID: "2", Target: "nobody"}))
	// Output:
	// to the front end: comm_msg 1 map[square:9]
	// false
}

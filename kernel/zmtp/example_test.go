package zmtp_test

import (
	"context"
	"fmt"
	"time"

	"arch2vec/kernel/zmtp"
)

// A ROUTER that answers each request; any ZeroMQ DEALER or REQ can connect.
func Example() {
	router, err := zmtp.NewRouter("tcp://127.0.0.1:0", zmtp.Options{MaxMessage: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	go stop() // nobody connects in this example
	for {
		message, err := router.Recv(ctx) // identity, parts...
		if err != nil {
			fmt.Println(err)
			break
		}
		_ = router.Send([][]byte{message[0], []byte("pong")})
	}
	fmt.Println(router.Close(time.Second))
	// Output:
	// context canceled
	// <nil>
}

package probe

import (
	"context"
	"net"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
)

func checkTCP(ctx context.Context, a *v1.TCPSocketAction, t Target, timeout time.Duration) Outcome {
	port, err := portNumber(a.Port, t.Container)
	if err != nil {
		return errored(err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	addr := net.JoinHostPort(t.host(a.Host), strconv.Itoa(port))
	conn, err := t.dialer(a.Host).DialContext(ctx, "tcp", addr)
	if err != nil {
		return failed(err.Error())
	}
	conn.Close()
	return succeeded("")
}

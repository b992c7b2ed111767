package simulator

import (
	"context"
	"io"
	"net"
)

// Dial connects to a TCP port inside a pod, on its localhost (127.0.0.1, then
// ::1): no port needs to be published, and a server on loopback is reached.
func (s *Simulator) Dial(ctx context.Context, ns, name string, port uint16) (net.Conn, error) {
	return nil, errTODO
}

// DialAddress connects to a host and port as seen from inside a pod.
func (s *Simulator) DialAddress(ctx context.Context, ns, name, network, address string) (net.Conn, error) {
	return nil, errTODO
}

// PortForwardOptions of PortForward.
type PortForwardOptions struct {
	// Addresses to listen on; none is "localhost" (127.0.0.1 and ::1).
	Addresses []string
	// Ports as kubectl takes them: "8080", "8080:80", ":80", "8080:http".
	Ports []string
	// Ready hears of the ports once all listen.
	Ready func([]ForwardedPort)
	// Out and ErrOut get kubectl's lines ("Forwarding from 127.0.0.1:8080 ->
	// 80", "Handling connection for 8080"); nil throws them away.
	Out, ErrOut io.Writer
}

// ForwardedPort is one port that is forwarded.
type ForwardedPort struct {
	Address string // the local address, e.g. "127.0.0.1"
	Local   uint16
	Remote  uint16
}

// PortForward listens until ctx ends (then it returns nil) and forwards each
// connection to the pod's localhost. A port that nobody listens on breaks only
// that connection, and a restarted container is reached again. It ends with an
// error when the pod does.
func (s *Simulator) PortForward(ctx context.Context, ns, name string, o PortForwardOptions) error {
	return errTODO
}

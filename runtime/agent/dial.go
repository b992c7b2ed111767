package agent

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// DialContext connects from inside the pod's network, to "tcp" or "udp" and an
// address as net.Dial takes it. Names are looked up as a container of the pod
// would. Errors are *net.OpError and read as those of package net.
func (c *Client) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	kind := strings.TrimRight(network, "46")
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || kind != "tcp" && kind != "udp" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "invalid network or port", Addr: addr}}
	}
	ips, err := c.lookup(ctx, host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var first error
	for _, ip := range ips {
		conn, err := c.dial(ctx, kind, network, netip.AddrPortFrom(ip, uint16(number)))
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// lookup turns a host into addresses, in the order in which to try them.
func (c *Client) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	if host == "localhost" || host == "" {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	return c.Resolve(ctx, host)
}

func (c *Client) dial(ctx context.Context, kind, network string, to netip.AddrPort) (net.Conn, error) {
	remote := netAddr(kind, to)
	req := wire.Dial{Network: kind, IP: to.Addr().AsSlice(), Zone: to.Addr().Zone(), Port: to.Port()}
	if by, ok := ctx.Deadline(); ok {
		req.TimeoutMS = max(1, time.Until(by).Milliseconds())
	}
	st, body, err := c.request(ctx, wire.OpDial, req, nil)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: remote, Err: dialError(err)}
	}
	var res wire.DialResult
	if err := json.Unmarshal(body, &res); err != nil {
		st.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Addr: remote, Err: err}
	}
	ip, _ := netip.AddrFromSlice(res.LocalIP)
	local := netAddr(kind, netip.AddrPortFrom(ip, res.LocalPort))
	stream := streamConn{Stream: st, network: network, local: local, remote: remote}
	if kind == "udp" {
		return &packetConn{stream}, nil
	}
	return &stream, nil
}

// dialError says what package net says when a context ends a dial.
func dialError(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &remoteError{&wire.Error{Code: wire.CodeTimeout, Text: "i/o timeout"}}
	case errors.Is(err, context.Canceled):
		return &canceled{}
	}
	return classify(err)
}

type canceled struct{}

func (*canceled) Error() string        { return "operation was canceled" }
func (*canceled) Is(target error) bool { return target == context.Canceled }

func netAddr(kind string, a netip.AddrPort) net.Addr {
	if kind == "udp" {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}

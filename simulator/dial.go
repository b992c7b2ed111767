package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// Dial connects to a TCP port inside a pod, on its localhost (127.0.0.1, then
// ::1): no port needs to be published, and a server on loopback is reached.
func (s *Simulator) Dial(ctx context.Context, ns, name string, port uint16) (net.Conn, error) {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return nil, err
	}
	d := s.newDialer(pod)
	return d.owned(d.dial(ctx, port))
}

// tunnel reaches the inside of one sandbox; *agent.Client is one.
type tunnel interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	Close() error
}

// dialer dials inside a pod, in whichever sandbox the pod has.
type dialer struct {
	sim *Simulator
	pod *v1.Pod
	// open makes a tunnel into a sandbox.
	open func(runtime.ContainerID) tunnel

	mu      sync.Mutex
	sandbox runtime.ContainerID
	tunnel  tunnel
}

func (s *Simulator) newDialer(pod *v1.Pod) *dialer {
	return &dialer{sim: s, pod: pod, open: func(id runtime.ContainerID) tunnel { return s.agent.Tunnel(id) }}
}

// dial tries the pod's two loopback addresses.
func (d *dialer) dial(ctx context.Context, port uint16) (net.Conn, error) {
	number := strconv.Itoa(int(port))
	c, err := d.dialAddress(ctx, "tcp4", net.JoinHostPort("127.0.0.1", number))
	if err == nil || ctx.Err() != nil {
		return c, err
	}
	if c, err6 := d.dialAddress(ctx, "tcp6", net.JoinHostPort("::1", number)); err6 == nil {
		return c, nil
	}
	return nil, fmt.Errorf("failed to connect to localhost:%d inside pod %q: %w", port, d.pod.Name, err)
}

// dialAddress dials through the tunnel. A refusal is the pod's answer; on any
// other failure the sandbox may be another one by now.
func (d *dialer) dialAddress(ctx context.Context, network, address string) (net.Conn, error) {
	t, err := d.current(ctx, false)
	if err != nil {
		return nil, err
	}
	c, err := t.DialContext(ctx, network, address)
	if err == nil || ctx.Err() != nil || errors.Is(err, syscall.ECONNREFUSED) {
		return c, err
	}
	fresh, findErr := d.current(ctx, true)
	if findErr != nil {
		return nil, findErr
	}
	if fresh == t {
		return nil, err
	}
	return fresh.DialContext(ctx, network, address)
}

// current is the tunnel into the pod's running sandbox.
func (d *dialer) current(ctx context.Context, again bool) (tunnel, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tunnel != nil && !again {
		return d.tunnel, nil
	}
	all, err := d.sim.instances(ctx, d.pod, "")
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.State != runtime.StateRunning {
			continue
		}
		if d.tunnel == nil || c.ID != d.sandbox {
			if d.tunnel != nil {
				_ = d.tunnel.Close()
			}
			d.tunnel, d.sandbox = d.open(c.ID), c.ID
		}
		return d.tunnel, nil
	}
	return nil, fmt.Errorf("pod %q has no running sandbox", d.pod.Namespace+"/"+d.pod.Name)
}

func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tunnel != nil {
		_ = d.tunnel.Close()
	}
}

// owned makes a connection end the tunnel that only it uses.
func (d *dialer) owned(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		d.close()
		return nil, err
	}
	return &ownedConn{Conn: c, end: sync.OnceFunc(d.close)}, nil
}

type ownedConn struct {
	net.Conn
	end func()
}

func (c *ownedConn) Close() error {
	err := c.Conn.Close()
	c.end()
	return err
}

// CloseWrite ends the one direction, where the tunnel can.
func (c *ownedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

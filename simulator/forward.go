package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

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
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return err
	}
	if pod.Status.Phase != v1.PodRunning {
		return fmt.Errorf("unable to forward port because pod is not running. Current status=%v", pod.Status.Phase)
	}
	pairs, err := parsePorts(pod, o.Ports)
	if err != nil {
		return err
	}
	f := &forwarder{dialer: s.newDialer(pod), out: &lineWriter{w: writer(o.Out)}, errOut: &lineWriter{w: writer(o.ErrOut)}}
	defer f.dialer.close()
	if err := f.listen(o.Addresses, pairs); err != nil {
		return err
	}
	if o.Ready != nil {
		o.Ready(f.ports)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		cancel(s.podEnd(ctx, pod))
	}()
	f.serve(ctx)
	<-done
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// podEnd waits for the end of a pod and gives kubectl's error for it.
func (s *Simulator) podEnd(ctx context.Context, pod *v1.Pod) error {
	err := s.until(ctx, func() (bool, error) {
		p, err := s.store.Pod(pod.Namespace, pod.Name)
		if err != nil {
			return apierrors.IsNotFound(err), nil // what cannot be read now may be later
		}
		return Ended(p.Object) || p.Object.UID != pod.UID, nil
	})
	if err != nil {
		return err
	}
	return errors.New("lost connection to pod")
}

// forwarder is one running PortForward.
type forwarder struct {
	dialer      *dialer
	listeners   []net.Listener
	ports       []ForwardedPort
	out, errOut *lineWriter
}

// listen opens every port on every address, or none.
func (f *forwarder) listen(addresses []string, pairs []portPair) error {
	if len(addresses) == 0 {
		addresses = []string{"localhost"}
	}
	for _, pair := range pairs {
		before := len(f.listeners)
		var last error
		for _, a := range addresses {
			if err := f.listenOn(a, &pair); err != nil {
				last = err
			}
		}
		if len(f.listeners) == before {
			f.close()
			return fmt.Errorf("unable to listen on any of the requested ports: [{%d %d}]: %w", pair.local, pair.remote, last)
		}
	}
	return nil
}

// listenOn opens a port; of localhost both addresses, of which one is enough.
// A port that was left open is the same on all addresses.
func (f *forwarder) listenOn(address string, pair *portPair) error {
	hosts := []string{address}
	if address == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	var errs []error
	for _, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(int(pair.local))))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		local := uint16(l.Addr().(*net.TCPAddr).Port)
		pair.local = local
		f.listeners = append(f.listeners, l)
		f.ports = append(f.ports, ForwardedPort{Address: host, Local: local, Remote: pair.remote})
		f.out.printf("Forwarding from %s -> %d\n", net.JoinHostPort(host, strconv.Itoa(int(local))), pair.remote)
	}
	if len(errs) == len(hosts) {
		return errors.Join(errs...)
	}
	return nil
}

func (f *forwarder) close() {
	for _, l := range f.listeners {
		_ = l.Close()
	}
}

// serve takes connections until ctx ends, and waits for all of them to.
func (f *forwarder) serve(ctx context.Context) {
	stop := context.AfterFunc(ctx, f.close)
	defer stop()
	var all sync.WaitGroup
	for i, l := range f.listeners {
		port := f.ports[i]
		all.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() { f.handle(ctx, c, port) })
			}
		})
	}
	all.Wait()
}

// handle carries one connection.
func (f *forwarder) handle(ctx context.Context, local net.Conn, port ForwardedPort) {
	defer local.Close()
	f.out.printf("Handling connection for %d\n", port.Local)
	remote, err := f.dialer.dial(ctx, port.Remote)
	if err != nil {
		if ctx.Err() == nil {
			f.errOut.printf("error: an error occurred forwarding %d -> %d: %v\n", port.Local, port.Remote, err)
		}
		return
	}
	defer remote.Close()
	stop := context.AfterFunc(ctx, func() {
		_ = local.Close()
		_ = remote.Close()
	})
	defer stop()
	splice(local, remote)
}

// splice carries both directions; one may end before the other.
func splice(a, b net.Conn) {
	var both sync.WaitGroup
	carry := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		if half, ok := to.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			return
		}
		_ = to.Close()
	}
	both.Go(func() { carry(a, b) })
	both.Go(func() { carry(b, a) })
	both.Wait()
}

// lineWriter writes whole lines from many goroutines.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format, args...)
}

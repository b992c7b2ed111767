package simulator

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/diagnose"
	"github.com/podsim/podsim/simulator/internal/node"
)

// How long a name and an address may take to answer.
const (
	resolveTime = 4 * time.Second
	reachTime   = 2 * time.Second
)

// embeddedDNS is where the engine itself listens in networks of its own.
var embeddedDNS = netip.AddrFrom4([4]byte{127, 0, 0, 11})

// look is a look into a pod's sandbox.
type look struct {
	sim     *Simulator
	pod     *v1.Pod
	sandbox runtime.Container
	running bool
	tunnel  node.Tunnel
	// names are the pod's containers by the engine's id.
	names map[string]string
}

// newLook finds the pod's sandbox, the running one before those that ended.
func (s *Simulator) newLook(ctx context.Context, pod *v1.Pod) (*look, error) {
	all, err := s.engine.ListContainers(ctx, runtime.Filter{Home: s.store.Home(), PodUID: string(pod.UID)})
	if err != nil {
		return nil, err
	}
	l := &look{sim: s, pod: pod, names: map[string]string{}}
	for _, c := range all {
		if c.Meta.Kind != runtime.KindSandbox {
			l.names[string(c.ID)] = c.Meta.Container
			continue
		}
		running := c.State == runtime.StateRunning
		if l.sandbox.ID == "" || running && !l.running || running == l.running && c.Meta.Attempt > l.sandbox.Meta.Attempt {
			l.sandbox, l.running = c, running
		}
	}
	if l.sandbox.ID == "" {
		return nil, fmt.Errorf("pod %q has no sandbox", pod.Namespace+"/"+pod.Name)
	}
	if l.running {
		l.tunnel = s.agent.Tunnel(l.sandbox.ID)
	}
	return l, nil
}

func (l *look) close() {
	if l.tunnel != nil {
		_ = l.tunnel.Close()
	}
}

// sockets are those that wait for peers in the pod's network, with the
// processes that hold them where the engine lets podsim see them.
func (l *look) sockets(ctx context.Context) (list []diagnose.Socket, holders bool, err error) {
	if !l.running {
		return nil, false, fmt.Errorf("pod %q does not run, so that nobody listens in it", l.pod.Namespace+"/"+l.pod.Name)
	}
	listeners, err := l.inspect(ctx)
	holders = err == nil
	if err != nil {
		asker, ok := l.tunnel.(interface {
			Listeners(ctx context.Context) ([]wire.Listener, error)
		})
		if !ok || ctx.Err() != nil {
			return nil, false, err
		}
		if listeners, err = asker.Listeners(ctx); err != nil {
			return nil, false, err
		}
	}
	for _, w := range listeners {
		ip, ok := netip.AddrFromSlice(w.IP)
		if !ok || ip.Unmap() == embeddedDNS {
			continue
		}
		name, ours := l.names[w.Container]
		if holders && !ours && w.Container == string(l.sandbox.ID) {
			continue
		}
		list = append(list, diagnose.Socket{
			Protocol: w.Network[:3], Address: ip.Unmap(), Port: w.Port, Container: name, Process: w.Command, PID: w.PID,
		})
	}
	return list, holders, nil
}

func (l *look) inspect(ctx context.Context) ([]wire.Listener, error) {
	ref, err := l.sim.agent.Ensure(ctx)
	if err != nil {
		return nil, err
	}
	meta := runtime.Meta{Home: l.sim.store.Home(), Pod: l.sandbox.Meta.Pod}
	return agent.Inspect(ctx, l.sim.engine, ref, l.sandbox.ID, meta)
}

// files looks at places in the pod's volumes, through the sandbox or, for paths
// of this machine, directly.
func (l *look) files(ctx context.Context, places []diagnose.Place) map[diagnose.Place]diagnose.File {
	out := map[diagnose.Place]diagnose.File{}
	var inside []diagnose.Place
	for _, p := range places {
		host, isHost := l.hostPath(p)
		switch {
		case !isHost:
			inside = append(inside, p)
		case host != "":
			if f, ok := fileHere(host); ok {
				out[p] = f
			}
		}
	}
	if len(inside) == 0 {
		return out
	}
	if stater, ok := l.tunnel.(interface {
		Stat(ctx context.Context, paths ...string) ([]wire.FileStat, error)
	}); ok {
		l.stat(ctx, stater.Stat, inside, out)
		return out
	}
	for _, p := range inside {
		if f, ok := l.copied(ctx, p); ok {
			out[p] = f
		}
	}
	return out
}

type statFunc func(ctx context.Context, paths ...string) ([]wire.FileStat, error)

func (l *look) stat(ctx context.Context, stat statFunc, places []diagnose.Place, out map[diagnose.Place]diagnose.File) {
	paths := make([]string, len(places))
	for i, p := range places {
		paths[i] = path.Join(config.VolumePath(p.Volume), p.Path)
	}
	found, err := stat(ctx, paths...)
	if err != nil {
		return
	}
	for i, st := range found[:min(len(found), len(places))] {
		switch {
		case st.Error == nil:
			out[places[i]] = diagnose.File{Mode: st.Mode & 0o7777, Dir: st.Mode&syscall.S_IFMT == syscall.S_IFDIR, UID: st.UID, GID: st.GID}
		case st.Error.Code == "ENOENT":
			out[places[i]] = diagnose.File{Missing: true}
		}
	}
}

// copied reads a place's owner and mode from the archive of a sandbox that has
// ended.
func (l *look) copied(ctx context.Context, p diagnose.Place) (diagnose.File, bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := l.sim.engine.CopyFrom(ctx, l.sandbox.ID, path.Join(config.VolumePath(p.Volume), p.Path))
	if errors.Is(err, runtime.ErrNotFound) {
		return diagnose.File{Missing: p.Path != ""}, p.Path != ""
	}
	if err != nil {
		return diagnose.File{}, false
	}
	defer r.Close()
	h, err := tar.NewReader(r).Next()
	if err != nil {
		return diagnose.File{}, false
	}
	return diagnose.File{
		Mode: uint32(h.Mode) & 0o7777, Dir: h.Typeflag == tar.TypeDir, UID: uint32(h.Uid), GID: uint32(h.Gid),
	}, true
}

// hostPath is where a place of a hostPath volume lies on this machine, "" when
// the engine's machine is another.
func (l *look) hostPath(p diagnose.Place) (string, bool) {
	for _, v := range l.pod.Spec.Volumes {
		if v.Name == p.Volume && v.HostPath != nil {
			if !l.sim.info.Local {
				return "", true
			}
			return filepath.Join(v.HostPath.Path, filepath.FromSlash(p.Path)), true
		}
	}
	return "", false
}

func fileHere(name string) (diagnose.File, bool) {
	info, err := os.Lstat(name)
	if errors.Is(err, os.ErrNotExist) {
		return diagnose.File{Missing: true}, true
	}
	if err != nil {
		return diagnose.File{}, false
	}
	f := diagnose.File{Mode: uint32(info.Mode().Perm()), Dir: info.IsDir()}
	uid, gid, ok := ownerOf(info)
	f.UID, f.GID = uid, gid
	return f, ok
}

// reach connects to addresses as a container of the pod would.
func (l *look) reach(ctx context.Context, targets []diagnose.Target) map[diagnose.Target]diagnose.Reach {
	out := map[diagnose.Target]diagnose.Reach{}
	if l.tunnel == nil {
		return out
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, t := range targets {
		all.Go(func() {
			r := l.reachOne(ctx, t)
			mu.Lock()
			defer mu.Unlock()
			out[t] = r
		})
	}
	all.Wait()
	return out
}

func (l *look) reachOne(ctx context.Context, t diagnose.Target) diagnose.Reach {
	if r := l.resolve(ctx, t); r != diagnose.Answers || t.Port == 0 {
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	conn, err := l.tunnel.DialContext(ctx, "tcp", net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port))))
	if err == nil {
		conn.Close()
	}
	return reached(err)
}

// resolve asks for a target's name as a container of the pod would. A resolver
// that does not answer knows no name.
func (l *look) resolve(ctx context.Context, t diagnose.Target) diagnose.Reach {
	if _, err := netip.ParseAddr(t.Host); err == nil {
		return diagnose.Answers
	}
	resolver, ok := l.tunnel.(interface {
		Resolve(ctx context.Context, name string) ([]netip.Addr, error)
	})
	switch {
	case !ok && t.Port == 0:
		return ""
	case !ok:
		return diagnose.Answers
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	_, err := resolver.Resolve(ctx, t.Host)
	var dns *net.DNSError
	if errors.As(err, &dns) || errors.Is(err, context.DeadlineExceeded) {
		return diagnose.Unresolvable
	}
	return reached(err)
}

// reached says what an error of connecting means.
func reached(err error) diagnose.Reach {
	var dns *net.DNSError
	switch {
	case err == nil:
		return diagnose.Answers
	case errors.Is(err, syscall.ECONNREFUSED):
		return diagnose.Refused
	case errors.As(err, &dns) && dns.IsNotFound:
		return diagnose.Unresolvable
	}
	return diagnose.Silent
}

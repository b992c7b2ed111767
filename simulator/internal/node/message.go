package node

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Bounds of termination messages (pkg/kubelet/container, kuberuntime: 4096 bytes
// of the file; 80 lines or 2048 bytes of the log). Of what was read package
// status shows the beginning, as much as is the container's share.
const (
	messageMax      = 4096
	messageLogLines = 80
	messageLogMax   = 2048
	messageTimeout  = 5 * time.Second
)

// readMessage reads the termination message of an instance that ended. The
// status is not published before it is there.
func (w *worker) readMessage(c *container, i *instance) {
	i.read = true
	if i.StartError != "" {
		return // that says it all
	}
	m := messageRead{
		engine: w.n.Engine, sandbox: w.sandbox.id, container: i.id,
		path: config.MessagePath(c.name, i.Attempt),
		logs: c.spec.TerminationMessagePolicy == v1.TerminationMessageFallbackToLogsOnError && i.ExitCode != 0,
		none: c.spec.TerminationMessagePath == "",
	}
	if w.n.Can.LocalFiles {
		m.volume = config.StateVolumeName(w.pod.Object)
	}
	if w.sandbox.state == lifecycle.SandboxReady {
		m.tunnel = w.tunnel()
	}
	w.unread++
	id := i.id
	w.task(func(ctx context.Context) func() {
		ctx, cancel := context.WithTimeout(ctx, messageTimeout)
		defer cancel()
		text, err := m.read(ctx)
		return func() {
			w.unread--
			if err != nil {
				w.log.Warn("read termination message", "container", c.name, "error", err)
			}
			if i := c.byID(id); i != nil {
				i.Message = text
			}
		}
	})
}

// messageRead reads one message, from the file or from the log's end.
type messageRead struct {
	engine             runtime.Engine
	sandbox, container runtime.ContainerID
	path               string
	logs, none         bool
	// volume is the state volume's name if the engine's files are this
	// machine's.
	volume string
	// tunnel is nil when the sandbox does not run.
	tunnel Tunnel
}

func (m messageRead) read(ctx context.Context) (string, error) {
	var text string
	if !m.none && m.sandbox != "" {
		b, err := m.file(ctx)
		if err != nil && !errors.Is(err, runtime.ErrNotFound) {
			return "", err
		}
		text = string(b)
	}
	if text != "" || !m.logs {
		return text, nil
	}
	return m.log(ctx)
}

// file reads the last bytes of the message file in the pod's state volume:
// where the volume lies on this machine, if that may be read, which costs
// nothing; by the tunnel into the sandbox, which costs little once it is there;
// or by the engine, which starts a process for each file.
func (m messageRead) file(ctx context.Context) ([]byte, error) {
	if b, err := m.local(ctx); err == nil {
		return b, nil
	}
	if m.tunnel != nil {
		if b, err := m.tunnel.ReadFile(ctx, m.path, messageMax, true); err == nil {
			return b, nil
		}
	}
	r, err := m.engine.CopyFrom(ctx, m.sandbox, m.path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t := tar.NewReader(r)
	h, err := t.Next()
	if err != nil {
		return nil, err
	}
	if h.Typeflag != tar.TypeReg {
		return nil, nil
	}
	return lastBytes(t, messageMax)
}

// local reads the file on this machine. No link leads out of the volume.
func (m messageRead) local(ctx context.Context) ([]byte, error) {
	if m.volume == "" {
		return nil, errors.ErrUnsupported
	}
	v, err := m.engine.Volume(ctx, m.volume)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(v.Mountpoint)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(strings.TrimPrefix(m.path, config.StateDir+"/"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return lastBytes(f, messageMax)
}

// lastBytes reads r to its end and returns at most its last n bytes.
func lastBytes(r io.Reader, n int) ([]byte, error) {
	var keep []byte
	buf := make([]byte, 32<<10)
	for {
		got, err := r.Read(buf)
		keep = append(keep, buf[:got]...)
		if len(keep) > n {
			keep = keep[len(keep)-n:]
		}
		if errors.Is(err, io.EOF) {
			return keep, nil
		}
		if err != nil {
			return keep, err
		}
	}
}

func (m messageRead) log(ctx context.Context) (string, error) {
	var b bytes.Buffer
	if err := m.engine.Logs(ctx, m.container, runtime.LogOptions{Tail: messageLogLines}, &b, &b); err != nil {
		return "", err
	}
	text, err := lastBytes(&b, messageLogMax)
	return string(text), err
}

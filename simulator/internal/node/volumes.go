package node

import (
	"context"
	"maps"
	"time"

	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// volumes are the pod's volumes as they should be now.
type volumes struct {
	list     []config.Volume
	problems []lifecycle.VolumeProblem
	// hashes are of the payloads that lie in the sandbox's volumes, by volume.
	hashes map[string]string
	// resolved is true once list and problems were worked out.
	resolved bool
	// swapping is true while payloads are being replaced.
	swapping bool
}

// resolveVolumes works out the volumes from the pod and the objects it names.
// A running pod gets payloads that changed.
func (w *worker) resolveVolumes() {
	w.volumes.list, w.volumes.problems = config.Volumes(w.configInput())
	w.volumes.resolved = true
	if w.n.Can.LocalFiles {
		w.prepareHostPaths()
	}
	w.refreshVolumes()
}

// prepareHostPaths looks at the machine, which is the engine's.
func (w *worker) prepareHostPaths() {
	for _, v := range w.volumes.list {
		if v.Source != config.SourceHost {
			continue
		}
		if err := prepareHostPath(v.Host); err != nil {
			w.volumes.problems = append(w.volumes.problems, lifecycle.VolumeProblem{Volume: v.Name, Message: err.Error()})
		}
	}
}

// volumesApplied notes that the sandbox was filled with the present payloads.
func (w *worker) volumesApplied(list []config.Volume) {
	w.volumes.hashes = map[string]string{}
	for _, v := range list {
		if v.Source == config.SourcePayload {
			w.volumes.hashes[v.Name] = v.Payload.Hash()
		}
	}
	w.refreshVolumes()
}

// refreshVolumes replaces the payloads that changed, in the running sandbox.
// An object that went away changes nothing: what was mounted stays.
func (w *worker) refreshVolumes() {
	if w.sandbox.state != lifecycle.SandboxReady || w.sandbox.busy || w.volumes.swapping {
		return
	}
	var changed []config.Volume
	for _, v := range w.volumes.list {
		if v.Source == config.SourcePayload && w.volumes.hashes[v.Name] != v.Payload.Hash() {
			changed = append(changed, v)
		}
	}
	if len(changed) == 0 {
		return
	}
	w.volumes.swapping = true
	tunnel := w.tunnel()
	w.task(func(ctx context.Context) func() {
		done := map[string]string{}
		for _, v := range changed {
			if err := swap(ctx, tunnel, v); err != nil {
				w.log.Warn("refresh volume", "volume", v.Name, "error", err)
				continue
			}
			done[v.Name] = v.Payload.Hash()
		}
		if len(done) < len(changed) {
			pause(ctx, time.Second)
		}
		return func() { w.volumesSwapped(done) }
	})
}

func (w *worker) volumesSwapped(done map[string]string) {
	w.volumes.swapping = false
	next := map[string]string{}
	maps.Copy(next, w.volumes.hashes)
	maps.Copy(next, done)
	w.volumes.hashes = next
	w.refreshVolumes()
}

// renewTokens makes payloads anew when a token in one has grown old. It returns
// when that is next so.
func (w *worker) renewTokens() time.Time {
	at := config.RefreshAt(w.volumes.list)
	if !at.IsZero() && !time.Now().Before(at) {
		w.resolveVolumes()
		at = config.RefreshAt(w.volumes.list)
	}
	return at
}

// swap replaces the payload of one volume.
func swap(ctx context.Context, t Tunnel, v config.Volume) error {
	_, err := t.Swap(ctx, payloadOf(v))
	return err
}

// payloadOf is the payload of a volume as the program in the sandbox takes it.
func payloadOf(v config.Volume) agent.Payload {
	p := agent.Payload{Volume: v.Path, GID: v.Payload.GID, DirMode: v.Payload.DirMode}
	for _, f := range v.Payload.Files {
		p.Files = append(p.Files, agent.PayloadFile{Name: f.Path, Mode: f.Mode, UID: f.UID, GID: f.GID, Data: f.Data})
	}
	return p
}

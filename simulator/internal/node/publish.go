package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/distribution/reference"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/status"
	"github.com/podsim/podsim/simulator/internal/store"
)

// pendingEvent is an event with the time it happened.
type pendingEvent struct {
	lifecycle.Event
	at time.Time
}

// tellScheduled tells what a scheduler says of a pod that nobody accepted yet.
func (w *worker) tellScheduled() {
	e := normal("", "Scheduled", fmt.Sprintf("Successfully assigned %s/%s to %s", w.key.Namespace, w.key.Name, w.n.Info.Name))
	e.Source = lifecycle.SourceScheduler
	w.tell(e)
}

func normal(container, reason, message string) lifecycle.Event {
	return lifecycle.Event{Container: container, Reason: reason, Message: message}
}

func warning(container, reason, message string) lifecycle.Event {
	return lifecycle.Event{Warning: true, Container: container, Reason: reason, Message: message}
}

// tell notes an event; publish writes it.
func (w *worker) tell(e lifecycle.Event) {
	w.events = append(w.events, pendingEvent{Event: e, at: time.Now()})
}

// tellLater is tell for tasks.
func (w *worker) tellLater(e lifecycle.Event) {
	at := time.Now()
	w.post(func() { w.events = append(w.events, pendingEvent{Event: e, at: at}) })
}

// publish writes the status, when it says something new, and the events.
func (w *worker) publish() {
	if w.unread > 0 {
		return
	}
	next := store.PodState{
		Status:       status.Compute(w.snapshot()),
		Memory:       w.memory,
		Writer:       os.Getpid(),
		SandboxReady: w.published.SandboxReady,
		Ports:        w.sandbox.ports,
	}
	if w.sandbox.state == lifecycle.SandboxReady && !w.sandbox.busy {
		next.SandboxReady = w.sandbox.attempt + 1
	}
	text, err := json.Marshal(next)
	if err != nil {
		w.log.Error("encode state", "error", err)
		return
	}
	if !bytes.Equal(text, w.written) && !time.Now().Before(w.writeAt) {
		w.write(next, text)
	}
	w.flushEvents()
}

// write keeps a state. One that cannot be written now is written later; until
// then the pod lives on, for whatever it can do without its store.
func (w *worker) write(next store.PodState, text []byte) {
	err := w.n.Store.SetState(w.key.Namespace, w.key.Name, string(w.key.UID), next)
	switch {
	case apierrors.IsNotFound(err):
		if !w.teardown {
			w.actTeardown() // somebody took the object away by force: the engine's side goes too
		}
	case err != nil:
		w.log.Warn("write status", "error", err)
		w.writeAt = time.Now().Add(writeRetry)
		return
	}
	w.published, w.written, w.writeAt = next, text, time.Time{}
}

// nextWrite is when a write that failed is tried again; zero is no need.
func (w *worker) nextWrite() time.Time {
	if w.writeAt.After(time.Now()) {
		return w.writeAt
	}
	return time.Time{}
}

// writeRetry is how long the next try to write a state waits.
const writeRetry = time.Second

func (w *worker) flushEvents() {
	if len(w.events) == 0 {
		return
	}
	events := make([]v1.Event, len(w.events))
	for i, e := range w.events {
		events[i] = w.event(e)
	}
	w.events = nil
	if err := w.n.Store.AppendEvents(w.pod.Object, events...); err != nil {
		w.log.Warn("write events", "error", err)
	}
}

// scheduler is who tells of scheduling, in events of the newer API.
// event is e as the API shows it; the store adds what is the same for all.
func (w *worker) event(e pendingEvent) v1.Event {
	kind := v1.EventTypeNormal
	if e.Warning {
		kind = v1.EventTypeWarning
	}
	out := v1.Event{
		InvolvedObject: v1.ObjectReference{FieldPath: w.fieldPath(e.Container)},
		Type:           kind, Reason: e.Reason, Message: e.Message,
	}
	host := w.n.Info.Name
	if e.Source == lifecycle.SourceScheduler {
		out.ReportingController, out.ReportingInstance = e.Source, e.Source+"-"+host
		out.EventTime, out.Action = metav1.NewMicroTime(e.at), "Scheduling"
		if e.Reason == "Scheduled" {
			out.Action = "Binding"
		}
		return out
	}
	out.FirstTimestamp, out.LastTimestamp = metav1.NewTime(e.at), metav1.NewTime(e.at)
	out.Source = v1.EventSource{Component: "kubelet", Host: host}
	if e.Source != "" {
		out.Source = v1.EventSource{Component: e.Source} // a controller is on no node
	}
	out.ReportingController, out.ReportingInstance = out.Source.Component, out.Source.Host
	return out
}

func (w *worker) fieldPath(container string) string {
	c := w.containers[container]
	if c == nil {
		return ""
	}
	switch c.kind {
	case runtime.KindInit:
		return fmt.Sprintf("spec.initContainers{%s}", container)
	case runtime.KindEphemeral:
		return fmt.Sprintf("spec.ephemeralContainers{%s}", container)
	default:
		return fmt.Sprintf("spec.containers{%s}", container)
	}
}

// imageNames are the image and its id as container statuses show them: the
// familiar name made complete, and the digest if the engine knows one.
func imageNames(asked string, i runtime.Image) (name, id string) {
	id = i.ID
	if len(i.Digests) > 0 {
		id = i.Digests[0]
	}
	return completeName(asked), id
}

// completeName is an image name with its registry, repository and tag.
func completeName(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil || strings.HasPrefix(ref, "sha256:") {
		return ref
	}
	return reference.TagNameOnly(named).String()
}

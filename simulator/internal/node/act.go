package node

import (
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// act begins one action; its outcome arrives in the mailbox.
func (w *worker) act(a lifecycle.Action) {
	c := w.containers[a.Container]
	if a.Container != "" && c == nil {
		w.log.Error("action for an unknown container", "action", a.Kind, "container", a.Container)
		return
	}
	switch a.Kind {
	case lifecycle.ActSandbox:
		w.actSandbox(a.Attempt)
	case lifecycle.ActImage:
		w.actImage(c)
	case lifecycle.ActStart:
		w.actStart(c, a.Attempt)
	case lifecycle.ActPreStop:
		w.actPreStop(c, a)
	case lifecycle.ActStop:
		w.actStop(c, a)
	case lifecycle.ActRemove:
		w.actRemove(c, a.Attempt)
	case lifecycle.ActResize:
		w.actResize(c)
	case lifecycle.ActStopSandbox:
		w.actStopSandbox()
	case lifecycle.ActTeardown:
		w.actTeardown()
	default:
		w.log.Error("unknown action", "action", a.Kind)
	}
}

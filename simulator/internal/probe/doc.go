// Package probe runs the probes and lifecycle hooks of one container, and
// counts results up to their thresholds. It never starts, stops or restarts
// anything: it reports, and the decision is made elsewhere.
//
// Check runs a probe's handler once, with the kubelet's texts (pkg/probe and
// pkg/kubelet/prober, release 1.35). RunHook runs a lifecycle handler. Both
// reach the container through two small interfaces, a Dialer into the pod's
// network and an Execer, so that they need no program inside an image.
//
// Tracker is the state of one probe of one instance of a container, a value
// that is moved by what happened and told the time:
//
//	            due and Observe          threshold reached
//	initial  ───────────────────▶ counting ───────────────▶ Success / Failure
//	   ▲                                                        │
//	   └────────────── Reset: another instance ─────────────────┘
//
// Startup goes on hold once it is decided, liveness once it failed, both until
// there is another instance. Liveness and readiness wait for MarkStarted.
//
// Runner is the goroutine around one Tracker.
package probe

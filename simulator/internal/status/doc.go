// Package status writes the status of a pod: what a kubelet 1.35 would have
// published about the same containers at the same moment.
//
//	Compute(lifecycle.Snapshot) -> v1.PodStatus
//
// It is pure and decides nothing: it looks at the same snapshot as package
// lifecycle, and at the memory of its decisions. Computed before a decision it
// shows the new facts under the old decisions (a container that just exited is
// Terminated); computed after it, it shows what was decided (the same
// container is Waiting in CrashLoopBackOff). A node that publishes both gives
// a watch the sequence that a cluster gives.
//
//	containers -> phase -> conditions -> what is published
//
// The phase is computed twice over: conditions follow the phase that the
// containers give at once, while the published phase becomes terminal only
// when everything of the pod has ended (Memory.Finished), and never changes
// again.
//
// Sources: pkg/kubelet/kubelet_pods.go (getPhase, convertToAPIContainerStatuses),
// pkg/kubelet/status (generate.go, status_manager.go), pkg/kubelet/prober.
package status

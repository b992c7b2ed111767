// Package lifecycle decides what happens to a pod next. It is the whole
// policy of the node, as one pure function:
//
//	Decide(Snapshot) -> Plan{Actions, Events, Wake, Memory}
//
// A Snapshot is everything that is known at one moment: the pod as asked for,
// what the engine holds, what probes and hooks said, what was decided before
// (Memory) and the time. The same snapshot always gives the same plan. Decide
// talks to nobody, reads no clock and draws no random number.
//
// Whoever carries out a plan (package node) has no policy: it executes the
// actions side by side, turns their outcome into the next snapshot, publishes
// the events, keeps the Memory, and looks again when something changed or at
// Wake. An action that is under way shows as Busy in the next snapshot, and
// Decide does not ask for it again.
//
//	           ActSandbox            ActImage, ActStart (in order)
//	accepted ------------> sandbox ready ------------------> running
//	   |                        |   sandbox dead: all is      |  |
//	   | rejected,              |   stopped and made anew     |  | ended, killed,
//	   | deadline               v                             v  v back-off
//	   +----------------> ActPreStop, ActStop ... ActStopSandbox  -> terminal phase
//	                                                  | deletion asked for
//	                                                  v
//	                                             ActTeardown
//
// Rules, numbers and texts are those of the kubelet 1.35
// (pkg/kubelet/kuberuntime: computePodActions, doBackOff, killContainer,
// terminationOrdering; pkg/kubelet/images).
package lifecycle

// Package node is the one loop that owns pods: it observes the engine and the
// store, lets package lifecycle decide, carries the decisions out and
// publishes status and events.
//
//	     engine events, list        store changes       probe and hook results
//	              \                      |                      /
//	               v                     v                     v
//	observe: one Snapshot -> lifecycle.Plan -> act (side by side) -> publish
//
// One goroutine, the pod's worker, owns all state of a pod. Whatever happens
// elsewhere arrives in its mailbox as a function to run; after each batch it
// takes a snapshot and asks for a plan. It is level-triggered: a lost event
// costs time until the next list, never correctness.
//
// The package has no policy. It never decides what to start, stop, restart or
// report; it only says what is so, and does what the plan says.
//
// A node owns a pod by holding the pod's lock in the store. The lock goes with
// the process, so that a pod whose node died is adopted by the next one from
// the engine's labels and the stored memory.
package node

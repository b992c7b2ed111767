// Package simulator runs Kubernetes pods on a container engine and shows them
// as kubectl would.
//
// A Simulator is the client's side of everything: it keeps what is asked for in
// the store, and reads what became of it from the store and the engine. It
// moves no pod itself. That does the node: the one loop that owns pods, in this
// process (RunNode) or in a background process (EnsureNode).
//
//	Create, Apply, Patch, Delete ----> store ----> node ----> engine
//	Get, List, Watch, Wait, Events <-- store <---- node
//	Logs, Exec, Attach, Copy, PortForward, Top <------------- engine
//
// Errors that an API server would answer are *errors.StatusError of
// k8s.io/apimachinery with its exact text, so that errors.IsNotFound and the
// like work. Errors that kubectl makes itself are plain errors with kubectl's
// text.
//
// A namespace that is "" is always the Simulator's own (Options.Namespace).
package simulator

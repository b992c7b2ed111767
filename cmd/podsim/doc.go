// Command podsim runs Kubernetes pods on a plain Docker Engine, and speaks like kubectl about them.
//
//	podsim run pod.yaml            run in the foreground, with logs; Ctrl-C stops, everything is removed at the end
//	podsim apply -f pod.yaml       hand a pod to the background node
//	podsim get pods -o wide        ... and kubectl's other verbs: describe, logs, exec, port-forward, wait, delete ...
//
// Linked as docker-pod it is a plugin of the docker command (docker pod run pod.yaml), as kubectl-podsim one of kubectl.
//
// One file is one verb: its flags become an options struct, the options a call of package simulator, the answer goes to
// package print. Flags may stand anywhere (see internal/args). Data goes to stdout, progress and diagnostics to stderr.
//
// Exit codes are kubectl's: 0, 1, and for exec the command's own. Those of run: 0 when the pods succeeded, the code of
// the first container that failed, 2 bad usage or manifest, 124 timed out, 125 podsim or the engine failed, 130 Ctrl-C.
package main

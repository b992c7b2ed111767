// Command podsim-agent is the only program in podsim's pause image, as /pause.
//
// Without arguments it is the first process of a pod's sandbox: it applies the
// setup in $PODSIM_SETUP (hosts and resolv.conf, owners and modes of volumes,
// empty files), prints one line of JSON (wire.Ready), writes the payloads that
// come on its standard input if the setup says that some do, and then only
// reaps orphans until SIGTERM or SIGINT ends it at once with code 0.
//
// "tunnel" serves wire's tunnel on its standard streams: podsim executes it a
// second time inside the sandbox to reach the pod's network and volumes.
//
// "inspect" prints which process of the machine listens on which socket of
// this network namespace; it needs the machine's process namespace and
// CAP_SYS_PTRACE. "kill CONTAINER PID" ends a process of the machine if it
// belongs to the container; it needs CAP_KILL instead.
//
// It runs in every pod and is part of podsim itself, so it is kept small: no
// package net, no net/http, no archive/tar, system calls where they do. A path
// below a volume is hostile: it is walked one name at a time on directory
// descriptors and never through a link that a container may have planted.
package main

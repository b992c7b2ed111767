//go:build linux

package main

import (
	"os"
	"os/signal"
	goruntime "runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// pause is process 1. It takes signals before anything else, for the kernel
// delivers to process 1 none that it does not ask for. One processor is enough
// and keeps the collector from a thread for each of the machine's.
func pause() {
	goruntime.GOMAXPROCS(1)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, unix.SIGTERM, unix.SIGINT)
	child := make(chan os.Signal, 1)
	signal.Notify(child, unix.SIGCHLD)
	go func() {
		<-stop
		os.Exit(0)
	}()

	ready, err := applySetup(os.Getenv(wire.SetupEnv))
	if err != nil {
		printJSON(wire.Ready{Error: err.Error()})
		os.Exit(1)
	}
	printJSON(ready)
	if ready.Payload {
		printJSON(fill(os.Stdin))
	}
	debug.FreeOSMemory()
	for {
		reap()
		<-child
	}
}

// reap collects every child that has ended. One SIGCHLD may stand for many.
func reap() {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
	}
}

//go:build linux

package main

import (
	"os"
	"os/signal"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// pause is process 1. Signals are taken before anything else: to process 1 the
// kernel delivers none that it does not ask for.
func pause() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, unix.SIGTERM, unix.SIGINT)
	child := make(chan os.Signal, 1)
	signal.Notify(child, unix.SIGCHLD)

	ready, err := applySetup(os.Getenv(wire.SetupEnv))
	if err != nil {
		printJSON(wire.Ready{Error: err.Error()})
		os.Exit(1)
	}
	printJSON(ready)
	debug.FreeOSMemory()
	for {
		reap()
		select {
		case <-stop:
			os.Exit(0)
		case <-child:
		}
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

//go:build !windows

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// resizeSignal tells when the terminal may have another size.
func resizeSignal() (changed <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}

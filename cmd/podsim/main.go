package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(realMain()) }

// realMain gives the process's signals and streams to the command line. The first signal cancels the context. The second
// one closes force and ends the process, unless it cleans up: then the third does.
func realMain() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	force := make(chan struct{})
	a := &app{
		name: os.Args[0], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, force: force,
	}
	go func() {
		sig := <-signals
		cancel(&interruptedError{signal: sig})
		<-signals
		close(force)
		if a.cleaning.Load() {
			<-signals
		}
		os.Exit(exitInterrupted)
	}()
	return a.run(ctx, os.Args[1:])
}

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(realMain()) }

// realMain gives the process's signals and streams to the command line. The first signal cancels the context, the second
// one closes force; whoever does not listen to force ends at the third at the latest.
func realMain() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	force := make(chan struct{})
	go func() {
		sig := <-signals
		cancel(&interruptedError{signal: sig})
		<-signals
		close(force)
		<-signals
		os.Exit(exitInterrupted)
	}()
	a := &app{
		name: os.Args[0], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, force: force,
	}
	return a.run(ctx, os.Args[1:])
}

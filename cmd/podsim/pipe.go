package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// outliveReaders makes writes fail when nobody reads the output any more. Else the first one ends the process, and what it
// began stays half done. The channel hears of it.
func outliveReaders() <-chan os.Signal {
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	return broken
}

// whileRead is a context that also ends, as by Ctrl-C, when nobody reads the output any more.
func whileRead(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	broken := outliveReaders()
	go func() {
		select {
		case <-ctx.Done():
		case sig := <-broken:
			cancel(&interruptedError{signal: sig})
		}
	}()
	return ctx, func() { cancel(nil) }
}

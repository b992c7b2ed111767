package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) > 1 {
		if code, ok := task(args[0], args[1]); ok {
			return code
		}
	}
	o, err := parse(args, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1)
	if err := prepare(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := newService(o)
	failed := make(chan error, 1)
	go func() {
		if err := s.serve(ctx); err != nil && !errors.Is(err, context.Canceled) {
			failed <- err
		}
	}()
	return wait(o, signals, failed, s.exit)
}

// wait runs until something ends the program, and returns its exit code.
func wait(o options, signals <-chan os.Signal, failed <-chan error, exit <-chan int) int {
	var end, tick <-chan time.Time
	if o.exitAfter > 0 {
		end = time.After(o.exitAfter)
	}
	if o.logEvery > 0 {
		tick = time.Tick(o.logEvery)
	}
	for lines := 1; ; {
		select {
		case s := <-signals:
			fmt.Println("signal:", s)
			if s != syscall.SIGTERM && s != syscall.SIGINT || o.ignoreTerm {
				continue
			}
			time.Sleep(o.termDelay)
			return o.exitCode
		case err := <-failed:
			fmt.Fprintln(os.Stderr, err)
			return 1
		case code := <-exit:
			return code
		case <-end:
			return o.exitCode
		case <-tick:
			fmt.Println("line", lines)
			lines++
		}
	}
}

// prepare does what comes before serving.
func prepare(o options) error {
	for _, f := range o.files {
		if err := os.WriteFile(f.path, []byte(f.text), 0o644); err != nil {
			return err
		}
	}
	for _, m := range o.messages {
		fmt.Println(m)
	}
	hold(o.alloc)
	return nil
}

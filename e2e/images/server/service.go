package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// service is what the program offers on its ports.
type service struct {
	options options
	started time.Time
	exit    chan int

	mu     sync.Mutex
	health string // "", "ok" or "fail": what a request has set
	count  map[string]int
}

func newService(o options) *service {
	return &service{options: o, started: time.Now(), exit: make(chan int, 1), count: map[string]int{}}
}

// serve listens on every port until ctx ends.
func (s *service) serve(ctx context.Context) error {
	timer := time.NewTimer(s.options.startDelay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range []struct {
		port  int
		serve func(context.Context, string) error
	}{
		{s.options.port, s.serveHTTP},
		{s.options.grpcPort, s.serveGRPC},
		{s.options.tcpPort, serveTCP},
		{s.options.udpPort, serveUDP},
	} {
		if l.port != 0 {
			g.Go(func() error { return l.serve(ctx, net.JoinHostPort(s.options.address, strconv.Itoa(l.port))) })
		}
	}
	return g.Wait()
}

func (s *service) healthy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.health {
	case "ok":
		return true
	case "fail":
		return false
	}
	age := time.Since(s.started)
	if age < s.options.readyDelay {
		return false
	}
	return s.options.unhealthyAfter == 0 || age < s.options.unhealthyAfter
}

func (s *service) setHealth(word string) error {
	if word != "ok" && word != "fail" {
		return fmt.Errorf("set %q: want ok or fail", word)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health = word
	return nil
}

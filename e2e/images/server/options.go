package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

type options struct {
	port, grpcPort, tcpPort, udpPort int

	address        string
	grpcService    string
	tls            bool
	startDelay     time.Duration
	readyDelay     time.Duration
	unhealthyAfter time.Duration
	exitAfter      time.Duration
	exitCode       int
	ignoreTerm     bool
	termDelay      time.Duration
	logEvery       time.Duration
	alloc          int
	files          []file
	messages       []string
}

type file struct{ path, text string }

// parse reads the flags, and for those not given the environment.
func parse(args []string, getenv func(string) string) (options, error) {
	var o options
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.IntVar(&o.port, "port", 8080, "")
	f.IntVar(&o.grpcPort, "grpc-port", 0, "")
	f.IntVar(&o.tcpPort, "tcp-port", 0, "")
	f.IntVar(&o.udpPort, "udp-port", 0, "")
	f.StringVar(&o.address, "address", "", "")
	f.StringVar(&o.grpcService, "grpc-service", "", "")
	f.BoolVar(&o.tls, "tls", false, "")
	f.DurationVar(&o.startDelay, "start-delay", 0, "")
	f.DurationVar(&o.readyDelay, "ready-delay", 0, "")
	f.DurationVar(&o.unhealthyAfter, "unhealthy-after", 0, "")
	f.DurationVar(&o.exitAfter, "exit-after", 0, "")
	f.IntVar(&o.exitCode, "exit-code", 0, "")
	f.BoolVar(&o.ignoreTerm, "ignore-term", false, "")
	f.DurationVar(&o.termDelay, "term-delay", 0, "")
	f.DurationVar(&o.logEvery, "log-every", 0, "")
	f.IntVar(&o.alloc, "alloc", 0, "")
	f.Func("write", "", o.addFile)
	f.Func("message", "", func(text string) error { o.messages = append(o.messages, text); return nil })
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	return o, fromEnvironment(f, getenv)
}

func fromEnvironment(f *flag.FlagSet, getenv func(string) string) error {
	given := map[string]bool{}
	f.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	var failed error
	f.VisitAll(func(fl *flag.Flag) {
		name := "SERVER_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if value := getenv(name); value != "" && !given[fl.Name] && failed == nil {
			if err := f.Set(fl.Name, value); err != nil {
				failed = fmt.Errorf("%s: %w", name, err)
			}
		}
	})
	return failed
}

func (o *options) addFile(text string) error {
	path, body, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("want FILE=TEXT")
	}
	o.files = append(o.files, file{path, body})
	return nil
}

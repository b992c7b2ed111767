package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *service) serveHTTP(ctx context.Context, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if s.options.tls {
		cert, err := certificate()
		if err != nil {
			return err
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}})
	}
	fmt.Println("listening on", l.Addr())
	srv := &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.hello)
	mux.HandleFunc("/healthz", s.healthz)
	mux.HandleFunc("/headers", headers)
	mux.HandleFunc("/env", lines(os.Environ))
	mux.HandleFunc("/args", lines(func() []string { return os.Args[1:] }))
	mux.HandleFunc("/count", lines(s.counts))
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(r.FormValue("path"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Write(body)
	})
	mux.HandleFunc("/status", answer)
	mux.HandleFunc("/alloc", func(w http.ResponseWriter, r *http.Request) {
		hold(number(r, "mib", 1))
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/exit", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "bye")
		s.exit <- number(r, "code", 0)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.count[r.Method+" "+r.URL.Path]++
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func (s *service) hello(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	name, err := os.Hostname()
	if err != nil {
		name = err.Error()
	}
	fmt.Fprintln(w, "hello from", name)
}

func (s *service) healthz(w http.ResponseWriter, r *http.Request) {
	if word := r.FormValue("set"); word != "" {
		if err := s.setHealth(word); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, "set", word)
		return
	}
	if !s.healthy() {
		http.Error(w, "unhealthy", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

func headers(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s\nHost: %s\n", r.Method, r.URL, r.Host)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(w, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	if delay, err := time.ParseDuration(r.FormValue("delay")); err == nil {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
	}
	if location := r.FormValue("location"); location != "" {
		w.Header().Set("Location", location)
	}
	code := number(r, "code", http.StatusOK)
	w.WriteHeader(code)
	fmt.Fprintln(w, code)
}

func (s *service) counts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, path := range slices.Sorted(maps.Keys(s.count)) {
		out = append(out, fmt.Sprintf("%s %d", path, s.count[path]))
	}
	return out
}

func lines(list func() []string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range list() {
			fmt.Fprintln(w, line)
		}
	}
}

func number(r *http.Request, name string, otherwise int) int {
	n, err := strconv.Atoi(r.FormValue(name))
	if err != nil {
		return otherwise
	}
	return n
}

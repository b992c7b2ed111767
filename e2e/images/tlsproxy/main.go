// Command tlsproxy is the program of the test image podsim.test/tls-proxy:1. It
// stands in for a web server that ends TLS on port 8443 in front of an app on
// http://127.0.0.1:8080, with the certificate and key of /etc/tls, and serves
// /healthz itself.
package main

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run() error {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/", httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:8080"}))
	server := &http.Server{Addr: ":8443", Handler: mux, ReadHeaderTimeout: time.Minute}
	fmt.Println("listening on :8443")
	return server.ListenAndServeTLS("/etc/tls/tls.crt", "/etc/tls/tls.key")
}

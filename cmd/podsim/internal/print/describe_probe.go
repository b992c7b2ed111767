package print

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	v1 "k8s.io/api/core/v1"
)

func (s *sheet) probe(key string, p *v1.Probe) {
	if p == nil {
		return
	}
	s.field(2, key, fmt.Sprintf("%s delay=%ds timeout=%ds period=%ds #success=%d #failure=%d", handler(p),
		p.InitialDelaySeconds, p.TimeoutSeconds, p.PeriodSeconds, p.SuccessThreshold, p.FailureThreshold))
}

// handler is what the probe does.
func handler(p *v1.Probe) string {
	switch {
	case p.Exec != nil:
		return fmt.Sprintf("exec %v", p.Exec.Command)
	case p.HTTPGet != nil:
		u := url.URL{
			Scheme: strings.ToLower(string(p.HTTPGet.Scheme)),
			Host:   net.JoinHostPort(p.HTTPGet.Host, p.HTTPGet.Port.String()), Path: p.HTTPGet.Path,
		}
		return "http-get " + u.String()
	case p.TCPSocket != nil:
		return fmt.Sprintf("tcp-socket %s:%s", p.TCPSocket.Host, p.TCPSocket.Port.String())
	case p.GRPC != nil:
		service := ""
		if p.GRPC.Service != nil {
			service = *p.GRPC.Service
		}
		return fmt.Sprintf("grpc <pod>:%d %s", p.GRPC.Port, service)
	}
	return "unknown"
}

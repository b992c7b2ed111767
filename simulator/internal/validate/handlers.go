package validate

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// hooksAndProbes checks lifecycle hooks and the three probes of a container that may have them.
func (c *podCheck) hooksAndProbes(ctr placed) {
	if life := ctr.Lifecycle; life != nil {
		at := ctr.at.Child("lifecycle")
		if life.PostStart != nil {
			c.handler(at.Child("postStart"), hookHandler(life.PostStart))
		}
		if life.PreStop != nil {
			c.handler(at.Child("preStop"), hookHandler(life.PreStop))
		}
		if life.StopSignal != nil && c.pod.Spec.OS == nil {
			c.forbidden(at.Child("stopSignal"), "may not be set for containers with empty `spec.os.name`")
		}
	}
	if p, at := ctr.LivenessProbe, ctr.at.Child("livenessProbe"); p != nil {
		c.probe(at, p)
		c.oneSuccess(at, p)
	}
	if p, at := ctr.ReadinessProbe, ctr.at.Child("readinessProbe"); p != nil {
		c.probe(at, p)
		if p.TerminationGracePeriodSeconds != nil {
			c.invalid(at.Child("terminationGracePeriodSeconds"), *p.TerminationGracePeriodSeconds, "must not be set for readinessProbes")
		}
	}
	if p, at := ctr.StartupProbe, ctr.at.Child("startupProbe"); p != nil {
		c.probe(at, p)
		c.oneSuccess(at, p)
	}
}

func (c *podCheck) oneSuccess(at *field.Path, p *v1.Probe) {
	if p.SuccessThreshold != 1 {
		c.invalid(at.Child("successThreshold"), p.SuccessThreshold, "must be 1")
	}
}

func (c *podCheck) probe(at *field.Path, p *v1.Probe) {
	c.handler(at, handler{exec: p.Exec, httpGet: p.HTTPGet, tcp: p.TCPSocket, grpc: p.GRPC})
	c.nonNegative(at.Child("initialDelaySeconds"), int64(p.InitialDelaySeconds))
	c.nonNegative(at.Child("timeoutSeconds"), int64(p.TimeoutSeconds))
	c.nonNegative(at.Child("periodSeconds"), int64(p.PeriodSeconds))
	c.nonNegative(at.Child("successThreshold"), int64(p.SuccessThreshold))
	c.nonNegative(at.Child("failureThreshold"), int64(p.FailureThreshold))
	if grace := p.TerminationGracePeriodSeconds; grace != nil && *grace <= 0 {
		c.invalid(at.Child("terminationGracePeriodSeconds"), *grace, "must be greater than 0")
	}
}

// handler is what a probe or a hook does; one of them is set.
type handler struct {
	exec    *v1.ExecAction
	httpGet *v1.HTTPGetAction
	tcp     *v1.TCPSocketAction
	grpc    *v1.GRPCAction
	sleep   *v1.SleepAction
}

func hookHandler(h *v1.LifecycleHandler) handler {
	return handler{exec: h.Exec, httpGet: h.HTTPGet, tcp: h.TCPSocket, sleep: h.Sleep}
}

func (c *podCheck) handler(at *field.Path, h handler) {
	count := 0
	first := func(set bool, name string, check func(at *field.Path)) {
		if !set {
			return
		}
		count++
		if count > 1 {
			c.forbidden(at.Child(name), "may not specify more than 1 handler type")
			return
		}
		check(at.Child(name))
	}
	first(h.exec != nil, "exec", func(at *field.Path) {
		if len(h.exec.Command) == 0 {
			c.required(at.Child("command"), "")
		}
	})
	first(h.httpGet != nil, "httpGet", func(at *field.Path) { c.httpGet(at, h.httpGet) })
	first(h.tcp != nil, "tcpSocket", func(at *field.Path) { c.portRef(at.Child("port"), h.tcp.Port) })
	first(h.grpc != nil, "grpc", func(at *field.Path) { c.portRef(at.Child("port"), intstr.FromInt32(h.grpc.Port)) })
	first(h.sleep != nil, "sleep", func(at *field.Path) { c.sleep(at, h.sleep) })
	if count == 0 {
		c.required(at, "must specify a handler type")
	}
}

func (c *podCheck) httpGet(at *field.Path, get *v1.HTTPGetAction) {
	c.need(at.Child("path"), get.Path)
	c.portRef(at.Child("port"), get.Port)
	oneOf(&c.findings, at.Child("scheme"), get.Scheme, v1.URISchemeHTTP, v1.URISchemeHTTPS)
	for _, header := range get.HTTPHeaders {
		c.all(at.Child("httpHeaders"), header.Name, validation.IsHTTPHeaderName(header.Name))
	}
}

func (c *podCheck) sleep(at *field.Path, sleep *v1.SleepAction) {
	grace := c.pod.Spec.TerminationGracePeriodSeconds
	if grace != nil && (sleep.Seconds < 0 || sleep.Seconds > *grace) {
		c.invalid(at, sleep.Seconds, fmt.Sprintf("must be non-negative and less than terminationGracePeriodSeconds (%d)", *grace))
	}
}

package lint

import (
	"fmt"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// SamePorts gives the hints about ports that two containers of a pod declare:
// the containers share one network.
func SamePorts(pod *v1.Pod) []Hint {
	l := newLinter(pod, Objects{})
	l.samePorts()
	return l.hints
}

type portKey struct {
	port     int32
	protocol v1.Protocol
}

func (l *linter) samePorts() {
	first := map[portKey]string{}
	for _, c := range l.containers {
		if c.init {
			continue // it has ended when the others listen
		}
		for i, p := range c.Ports {
			key := portKey{p.ContainerPort, p.Protocol}
			other, taken := first[key]
			switch {
			case !taken:
				first[key] = c.Name
			case other != c.Name:
				l.hint(c.at.Child("ports").Index(i), fmt.Sprintf(
					"containers %q and %q both declare port %d/%s: they share one network, so if both listen on it, the second cannot",
					other, c.Name, p.ContainerPort, p.Protocol))
			}
		}
	}
}

// askedPorts looks at the ports that probes and hooks of a container name.
func (l *linter) askedPorts(c container) {
	probes := []struct {
		name  string
		probe *v1.Probe
	}{{"startupProbe", c.StartupProbe}, {"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe}}
	for _, p := range probes {
		if p.probe == nil {
			continue
		}
		at := c.at.Child(p.name)
		if h := p.probe.HTTPGet; h != nil && h.Host == "" {
			l.askedPort(c, at.Child("httpGet", "port"), h.Port, p.name)
		}
		if t := p.probe.TCPSocket; t != nil && t.Host == "" {
			l.askedPort(c, at.Child("tcpSocket", "port"), t.Port, p.name)
		}
		if g := p.probe.GRPC; g != nil {
			l.askedPort(c, at.Child("grpc", "port"), intstr.FromInt32(g.Port), p.name)
		}
	}
	if c.Lifecycle == nil {
		return
	}
	l.hookPort(c, "postStart", c.Lifecycle.PostStart)
	l.hookPort(c, "preStop", c.Lifecycle.PreStop)
}

func (l *linter) hookPort(c container, name string, hook *v1.LifecycleHandler) {
	if hook != nil && hook.HTTPGet != nil && hook.HTTPGet.Host == "" {
		l.askedPort(c, c.at.Child("lifecycle", name, "httpGet", "port"), hook.HTTPGet.Port, name+" hook")
	}
}

func (l *linter) askedPort(c container, at *field.Path, port intstr.IntOrString, who string) {
	if n, err := strconv.Atoi(port.StrVal); err == nil && port.Type == intstr.String {
		port = intstr.FromInt(n)
	}
	var names, numbers []string
	for _, p := range c.Ports {
		if p.Name != "" {
			names = append(names, p.Name)
		}
		numbers = append(numbers, fmt.Sprint(p.ContainerPort))
		if port.Type == intstr.String && p.Name == port.StrVal || port.Type == intstr.Int && p.ContainerPort == port.IntVal {
			return
		}
	}
	if port.Type == intstr.String {
		text := fmt.Sprintf("the %s asks port %q, which container %q does not declare: it can only fail", who, port.StrVal, c.Name)
		if len(names) > 0 {
			text += " (it declares " + strings.Join(names, ", ") + ")"
		}
		l.hint(at, text)
		return
	}
	if len(c.Ports) == 0 || l.declared(port.IntVal) {
		return // ports need not be declared
	}
	l.hint(at, fmt.Sprintf("the %s asks port %d, and container %q declares %s: it may be the wrong one",
		who, port.IntVal, c.Name, strings.Join(numbers, ", ")))
}

// declared tells whether some container declares a port.
func (l *linter) declared(port int32) bool {
	for _, c := range l.containers {
		for _, p := range c.Ports {
			if p.ContainerPort == port {
				return true
			}
		}
	}
	return false
}

package config

import (
	"fmt"
	"strings"
)

// names are the pod's host names.
type names struct {
	short  string // first in /etc/hosts, without a domain
	domain string // SUBDOMAIN.NAMESPACE.svc.CLUSTERDOMAIN; empty without a subdomain
	kernel string // what uname says
}

func (n names) fqdn() string {
	if n.domain == "" {
		return ""
	}
	return n.short + "." + n.domain
}

// hostNames derives them from the spec.
// (pkg/kubelet/kubelet_pods.go, GeneratePodHostNameAndDomain)
func hostNames(in Input) (names, error) {
	const maxName, maxKernel = 63, 64
	spec := &in.Pod.Spec
	n := names{short: in.Pod.Name}
	switch {
	case spec.HostnameOverride != nil:
		n.short = *spec.HostnameOverride
	case spec.Hostname != "":
		n.short = spec.Hostname
	}
	if len(n.short) > maxName {
		n.short = strings.TrimRight(n.short[:maxName], "-.")
	}
	n.kernel = n.short
	if spec.Subdomain == "" || spec.HostnameOverride != nil {
		return n, nil
	}
	n.domain = spec.Subdomain + "." + in.Pod.Namespace + ".svc." + clusterDomain
	if isTrue(spec.SetHostnameAsFQDN) {
		n.kernel = n.fqdn()
		if len(n.kernel) > maxKernel {
			return n, &Error{Reason: ReasonSandbox, Message: fmt.Sprintf("failed to construct FQDN from pod hostname "+
				"and cluster domain, FQDN %s is too long (%d characters is the max, %d characters requested)",
				n.kernel, maxKernel, len(n.kernel))}
		}
	}
	return n, nil
}

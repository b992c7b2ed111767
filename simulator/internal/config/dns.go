package config

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// resolv is the pod's resolv.conf. There is no cluster DNS: the engine's
// servers stay, while search list and options are as in a cluster.
// (pkg/kubelet/network/dns, GetPodDNS)
func resolv(in Input) *wire.Resolv {
	spec := &in.Pod.Spec
	var r wire.Resolv
	switch policy := spec.DNSPolicy; {
	case policy == v1.DNSNone:
		r.NoServers = true
	case policy == v1.DNSDefault, policy != v1.DNSClusterFirstWithHostNet && spec.HostNetwork:
		if spec.DNSConfig == nil {
			return nil
		}
		r.KeepSearches, r.KeepOptions = true, true
	default:
		r.KeepSearches = true
		r.Searches = []string{in.Pod.Namespace + ".svc." + clusterDomain, "svc." + clusterDomain, clusterDomain}
		r.Options = []string{"ndots:5"}
	}
	config := spec.DNSConfig
	if config == nil {
		return &r
	}
	r.Servers, r.KeepServers = config.Nameservers, !r.NoServers
	r.MoreSearches = config.Searches
	for _, o := range config.Options {
		text := o.Name
		if o.Value != nil && *o.Value != "" {
			text += ":" + *o.Value
		}
		r.Options = append(r.Options, text)
	}
	return &r
}

// hosts is the pod's /etc/hosts.
func hosts(in Input, n names) *wire.Hosts {
	h := &wire.Hosts{HostNetwork: in.Pod.Spec.HostNetwork}
	if !h.HostNetwork {
		h.Hostname, h.FQDN = n.short, n.fqdn()
	}
	for _, a := range in.Pod.Spec.HostAliases {
		h.Aliases = append(h.Aliases, wire.Alias{IP: a.IP, Names: a.Hostnames})
	}
	return h
}

package wire

import "strings"

const (
	hostsHeader     = "# Kubernetes-managed hosts file.\n"
	hostsHeaderHost = "# Kubernetes-managed hosts file (host network).\n"
	hostsLocal      = "127.0.0.1\tlocalhost\n" +
		"::1\tlocalhost ip6-localhost ip6-loopback\n" +
		"fe00::0\tip6-localnet\n" +
		"fe00::0\tip6-mcastprefix\n" +
		"fe00::1\tip6-allnodes\n" +
		"fe00::2\tip6-allrouters\n"
)

// Text is the hosts file for the pod's addresses; node is the node's own
// file, which only HostNetwork keeps. (kubelet_pods.go, managedHostsFileContent
// and nodeHostsFileContent)
func (h Hosts) Text(ips []string, node string) string {
	var b strings.Builder
	if h.HostNetwork {
		b.WriteString(hostsHeaderHost)
		b.WriteString(strings.TrimPrefix(node, hostsHeaderHost))
	} else {
		b.WriteString(hostsHeader + hostsLocal)
		names := h.Hostname
		if h.FQDN != "" {
			names = h.FQDN + "\t" + h.Hostname
		}
		for _, ip := range ips {
			b.WriteString(ip + "\t" + names + "\n")
		}
	}
	if len(h.Aliases) > 0 {
		b.WriteString("\n# Entries added by HostAliases.\n")
		for _, a := range h.Aliases {
			b.WriteString(a.IP + "\t" + strings.Join(a.Names, "\t") + "\n")
		}
	}
	return b.String()
}

package agent

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// maxNameFile bounds what is read of /etc/hosts and resolv.conf.
const maxNameFile = 1 << 20

// queryTimeout is one try at one server, as in resolv.conf(5).
const queryTimeout = 5 * time.Second

// Resolve looks a name up as a container of the pod would: in the pod's hosts
// file, then by DNS through the pod's own network, with its search domains.
// IPv4 comes first. A name that is nowhere is a *net.DNSError.
func (c *Client) Resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	hosts, err := c.ReadFile(ctx, "/etc/hosts", maxNameFile, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if ips := hostsLookup(string(hosts), name); len(ips) > 0 {
		return ips, nil
	}
	conf, err := c.ReadFile(ctx, "/etc/resolv.conf", maxNameFile, false)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r := wire.ParseResolv(string(conf))
	for _, candidate := range candidates(r, name) {
		ips, err := c.query(ctx, r.Servers, candidate)
		if len(ips) > 0 || err != nil {
			return ips, err
		}
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// hostsLookup finds a name in a hosts file, IPv4 first.
func hostsLookup(text, name string) []netip.Addr {
	var v4, v6 []netip.Addr
	for line := range strings.SplitSeq(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		for _, field := range fields[min(1, len(fields)):] {
			if !strings.EqualFold(field, strings.TrimSuffix(name, ".")) {
				continue
			}
			if ip, err := netip.ParseAddr(fields[0]); err == nil && ip.Is4() {
				v4 = append(v4, ip)
			} else if err == nil {
				v6 = append(v6, ip)
			}
		}
	}
	return append(v4, v6...)
}

// candidates are the full names to try in turn. A name with as many dots as
// ndots is tried as it is first, another one last.
func candidates(r wire.ResolvConf, name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var searched []string
	for _, s := range r.Searches {
		searched = append(searched, name+"."+strings.TrimSuffix(s, ".")+".")
	}
	if strings.Count(name, ".") >= r.Ndots() {
		return append([]string{name + "."}, searched...)
	}
	return append(searched, name+".")
}

// query asks the servers in turn; a server that cannot be asked is passed
// over. No address and no error mean that the name does not exist.
func (c *Client) query(ctx context.Context, servers []string, name string) ([]netip.Addr, error) {
	dialer := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var last error = errors.New("no nameserver in resolv.conf")
		for _, s := range servers {
			ip, err := netip.ParseAddr(s)
			if err != nil {
				last = err
				continue
			}
			conn, err := c.dial(ctx, network, network, netip.AddrPortFrom(ip, 53))
			if err == nil {
				return conn, nil
			}
			last = err
		}
		return nil, last
	}
	return exchangeDNS(ctx, dialer, name)
}

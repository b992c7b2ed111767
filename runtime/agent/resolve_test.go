package agent

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/podsim/podsim/runtime/agent/wire"
)

func TestHostsLookup(t *testing.T) {
	t.Parallel()
	const hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n10.0.0.1 a.b a # old\n#10.0.0.2 c\nnonsense x\n\n"
	for name, want := range map[string][]string{
		"a": {"10.0.0.1"}, "A.B": {"10.0.0.1"}, "a.b.": {"10.0.0.1"}, "localhost": {"127.0.0.1", "::1"}, "old": nil, "c": nil, "x": nil,
	} {
		var got []string
		for _, ip := range hostsLookup(hosts, name) {
			got = append(got, ip.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	r := wire.ParseResolv("search n.svc c.local\noptions ndots:2\n")
	for name, want := range map[string][]string{
		"web":      {"web.n.svc.", "web.c.local.", "web."},
		"a.b.test": {"a.b.test.", "a.b.test.n.svc.", "a.b.test.c.local."},
		"full.":    {"full."},
	} {
		if diff := cmp.Diff(want, candidates(r, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// nameserver answers over UDP; a name that begins with "big" only over TCP.
func nameserver(t *testing.T) dialFunc {
	answer := func(query []byte, network string) []byte {
		var m dnsmessage.Message
		if m.Unpack(query) != nil {
			return nil
		}
		q := m.Questions[0]
		m.Response = true
		switch name := q.Name.String(); {
		case name == "broken.":
			m.RCode = dnsmessage.RCodeServerFailure
		case name == "none.":
			m.RCode = dnsmessage.RCodeNameError
		case name == "big." && network == "udp":
			m.Truncated = true
		case q.Type == dnsmessage.TypeA:
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class},
				Body:   &dnsmessage.AResource{A: [4]byte{10, 0, 0, 7}},
			}}
		}
		b, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return b
	}
	return func(_ context.Context, network, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			buf := make([]byte, 4096)
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			if network == "udp" {
				server.Write(answer(buf[:n], network))
				return
			}
			b := answer(buf[2:n], network)
			server.Write(append([]byte{byte(len(b) >> 8), byte(len(b))}, b...))
		}()
		return client, nil
	}
}

func TestExchangeDNS(t *testing.T) {
	t.Parallel()
	address := []netip.Addr{netip.MustParseAddr("10.0.0.7")}
	tests := []struct {
		name, ask string
		want      []netip.Addr
		err       string
	}{
		{"an address", "web.", address, ""},
		{"an answer too long for a datagram", "big.", address, ""},
		{"a name that does not exist", "none.", nil, ""},
		{"a server in trouble", "broken.", nil, "lookup broken.: server misbehaving"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := exchangeDNS(t.Context(), nameserver(t), tt.ask)
			if err != nil && err.Error() != tt.err || err == nil && tt.err != "" {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

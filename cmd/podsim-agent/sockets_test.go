//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime/agent/wire"
)

func TestParseSockets(t *testing.T) {
	t.Parallel()
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	tests := []struct {
		name, network, text string
		want                []wire.Listener
	}{
		{"a listener and a connection", "tcp", head +
			"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000 100 0 0 10 0\n" +
			"   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 12346 1 0000 100 0 0 10 0\n",
			[]wire.Listener{{Network: "tcp", IP: []byte{127, 0, 0, 1}, Port: 8080, Inode: 12345, UID: 1000}}},
		{"any address of IPv6", "tcp6", head +
			"   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0000 100 0 0 10 0\n",
			[]wire.Listener{{Network: "tcp6", IP: make([]byte, 16), Port: 80, Inode: 7}}},
		{"loopback of IPv6", "udp6", head +
			"   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 8 1 0000 100 0 0 10 0\n",
			[]wire.Listener{{Network: "udp6", IP: append(make([]byte, 15), 1), Port: 53, Inode: 8}}},
		{"nonsense", "tcp", "x\n0: zz:1 0:0 0A 0 0 0 0 0 0 0\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, parseSockets(tt.network, tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLastID(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 64), strings.Repeat("0b", 32)
	tests := []struct{ name, text, want string }{
		{"cgroup v1", "5:memory:/docker/" + a + "\n", a},
		{"systemd's scope", "0::/system.slice/docker-" + a + ".scope\n", a},
		{"relative to another namespace", "0::/../" + a + "\n", a},
		{"the innermost of nested ones", "0::/docker/" + a + "/docker/" + b, b},
		{"none", "0::/user.slice\n", ""},
		{"longer numbers are no id", a + "f", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lastID(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

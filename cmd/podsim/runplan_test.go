package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/simulator"
)

func TestParsePublish(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]simulator.PodPort{
		"8080:80":           {HostPort: 8080, ContainerPort: 80},
		"80":                {ContainerPort: 80},
		":80":               {ContainerPort: 80},
		"127.0.0.1:8080:80": {HostIP: "127.0.0.1", HostPort: 8080, ContainerPort: 80},
		"127.0.0.1::80":     {HostIP: "127.0.0.1", ContainerPort: 80},
		"[::1]:8080:80":     {HostIP: "::1", HostPort: 8080, ContainerPort: 80},
		"5353:53/udp":       {HostPort: 5353, ContainerPort: 53, Protocol: "UDP"},
	} {
		got, err := parsePublish(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "x", "80:x", "70000", "0", "80/icmp", "host:80:80", "1:2:3:4:5"} {
		if got, err := parsePublish(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

func TestParseCopyEnd(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]copyEnd{
		"file":           {path: "file"},
		"./a:b":          {path: "./a:b"},
		"/a:b":           {path: "/a:b"},
		`C:\file`:        {path: `C:\file`},
		"web:/tmp/x":     {namespace: "ns", pod: "web", path: "/tmp/x"},
		"other/web:/tmp": {namespace: "other", pod: "web", path: "/tmp"},
		"web:relative":   {namespace: "ns", pod: "web", path: "relative"},
	} {
		got, err := parseCopyEnd(arg, "ns")
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", arg, got, err, want)
		}
	}
}

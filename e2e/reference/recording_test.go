package reference

import (
	"strings"
	"testing"
)

func TestEveryRecordingIsReadWhole(t *testing.T) {
	t.Parallel()
	cases, err := Load(recordings)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 70 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			r, err := Recorded(c)
			if err != nil {
				t.Fatal(err)
			}
			if c.Has("status.json") && len(r.States) == 0 {
				t.Error("no states")
			}
			if lines := strings.Count(c.Files["events.txt"], "kubelet   "); lines > len(r.Events) {
				t.Errorf("%d events of %d lines", len(r.Events), lines)
			}
			n := kubeletNormaliser(r)
			for _, d := range compareStates(n.states(r.States), n.states(r.States)) {
				t.Errorf("the kubelet differs from itself: %s", d)
			}
		})
	}
}

func TestShapeKeepsWhatThePodDecides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in, want string
		dropped        bool
	}{
		{name: "a directory loses links, size and date", in: "drwxrwsrwx    3 root     2000           4096 Nov 22 17:49 cm", want: "drwxrwsrwx root 2000 cm"},
		{name: "a file keeps its size", in: "-rw-r-----    1 root     0               16 Nov 22 17:49 namespace", want: "-rw-r----- root 0 16 namespace"},
		{name: "a file of the machine loses it", in: "-rw-r--r--    1 root     0              196 Nov 22 17:49 /etc/hosts", want: "-rw-r--r-- root 0 /etc/hosts"},
		{name: "a device keeps its numbers", in: "crw-rw-rw-    1 root     0           1,   3 Nov 22 17:49 null", want: "crw-rw-rw- root 0 1,3 null"},
		{name: "all disks are one", in: "/dev/vda /v/cm ext4 ro,relatime,discard 0 0", want: "mount /v/cm disk ro"},
		{name: "a tmpfs keeps its size", in: "tmpfs /v/mem tmpfs rw,relatime,size=65536k,noswap 0 0", want: "mount /v/mem tmpfs rw,size=65536k"},
		{name: "control groups are the runtime's", in: "cgroup /sys/fs/cgroup/cpu cgroup ro,nosuid 0 0", dropped: true},
		{name: "capabilities are the pod's", in: "CapEff:\t00000000a80425fb", want: "CapEff:\t00000000a80425fb"},
		{name: "memory use is not", in: "VmRSS:\t    1668 kB", dropped: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, keep := shape(tc.in)
			if keep == tc.dropped || keep && got != tc.want {
				t.Errorf("got %q, keep %t; want %q", got, keep, tc.want)
			}
		})
	}
}

func TestEveryRefusalIsRead(t *testing.T) {
	t.Parallel()
	all, err := LoadRefusals(recordings + "/invalid")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 140 {
		t.Errorf("only %d refusals", len(all))
	}
	for _, r := range all {
		if r.Text == "" {
			t.Errorf("%s: empty", r.Name)
		}
		same := Output{Stdout: r.Text, Code: r.Code}
		if d := CompareRefusal(r, same); len(d) > 0 {
			t.Errorf("%s differs from itself: %v", r.Name, d)
		}
	}
}

package diagnose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// mounted gives container a volume v at /data, and b's uid 1001 too.
func mounted(f *Facts, source v1.VolumeSource) {
	f.Pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: source}}
	f.spec("a").VolumeMounts = []v1.VolumeMount{{Name: "v", MountPath: "/data"}}
	f.spec("a").SecurityContext = &v1.SecurityContext{RunAsUser: ptr.To[int64](1001)}
}

var (
	empty = v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}
	claim = v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: "c"}}
)

func TestPermissionDenied(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "a file of another user in an emptyDir", change: func(f *Facts) {
			mounted(f, empty)
			f.Files = map[Place]File{{"v", ""}: {Mode: 0o777, Dir: true}, {"v", "d"}: {Mode: 0o755, Dir: true, UID: 1000, GID: 1000}, {"v", "d/f"}: {Mode: 0o644, UID: 1000, GID: 1000}}
			f.crash("a", 1, "sh: can't create /data/d/f: Permission denied")
		}, want: []string{`PermissionDenied: container "a" may not use /data/d/f (volume "v", emptyDir): /data/d/f belongs to 1000:1000, mode 0644`},
			fix: "set spec.securityContext.fsGroup: 1000, and let the writer make it group-writable (umask 002)"},
		{name: "a directory on the way that is closed", change: func(f *Facts) {
			mounted(f, empty)
			f.Files = map[Place]File{{"v", ""}: {Mode: 0o777, Dir: true}, {"v", "d"}: {Mode: 0o700, Dir: true, UID: 1000}, {"v", "d/f"}: {Mode: 0o666}}
			f.crash("a", 1, `open("/data/d/f"): Permission denied`)
		}, want: []string{`PermissionDenied: container "a" may not use /data/d/f (volume "v", emptyDir): /data/d belongs to 1000:0, mode 0700`}},
		{name: "a fresh claim", change: func(f *Facts) {
			mounted(f, claim)
			f.spec("a").SecurityContext.RunAsGroup = ptr.To[int64](999)
			f.Files = map[Place]File{{"v", ""}: {Mode: 0o755, Dir: true}, {"v", "pg"}: {Missing: true}}
			f.crash("a", 1, "mkdir: can't create directory '/data/pg': Permission denied")
		}, want: []string{`PermissionDenied: container "a" may not use /data/pg (volume "v", claim "c"): /data belongs to 0:0, mode 0755`},
			fix: "set spec.securityContext.fsGroup: 999"},
		{name: "only the owner may", change: func(f *Facts) {
			mounted(f, claim)
			f.Files = map[Place]File{{"v", ""}: {Mode: 0o755, Dir: true}}
			f.crash("a", 1, `initdb: error: could not change permissions of directory "/data": Operation not permitted`)
		}, want: []string{`PermissionDenied: container "a" may not change /data (volume "v", claim "c"): only its owner may: /data belongs to 0:0, mode 0755`}},
		{name: "nobody could look", change: func(f *Facts) {
			mounted(f, empty)
			f.crash("a", 1, "PermissionError: [Errno 13] Permission denied: '/data/x'")
		}, want: []string{`PermissionDenied: container "a" may not use /data/x (volume "v", emptyDir)`},
			fix: "set spec.securityContext.fsGroup: 1001"},
		{name: "a hostPath, which fsGroup does not change", change: func(f *Facts) {
			mounted(f, v1.VolumeSource{HostPath: &v1.HostPathVolumeSource{Path: "/srv"}})
			f.crash("a", 1, "touch: /data/x: Permission denied")
		}, want: []string{`PermissionDenied: container "a" may not use /data/x (volume "v", hostPath /srv)`},
			fix: "fsGroup does not change a hostPath: give the path to the container's user on the engine's machine"},
		{name: "a read-only mount", change: func(f *Facts) {
			mounted(f, empty)
			f.spec("a").VolumeMounts[0].ReadOnly = true
			f.crash("a", 1, "touch: /data/x: Read-only file system")
		}, want: []string{`ReadOnly: container "a" cannot write /data/x: it mounts volume "v" with readOnly: true`}},
		{name: "a ConfigMap", change: func(f *Facts) {
			mounted(f, v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{LocalObjectReference: v1.LocalObjectReference{Name: "settings"}}})
			f.crash("a", 1, "open /data/x: read-only file system")
		}, want: []string{`ReadOnly: container "a" cannot write /data/x: volume "v" is ConfigMap "settings", which is read-only always`}},
		{name: "the image's own root", change: func(f *Facts) {
			f.spec("a").SecurityContext = &v1.SecurityContext{ReadOnlyRootFilesystem: ptr.To(true)}
			f.crash("a", 1, "touch: /var/run/x: Read-only file system")
		}, want: []string{`ReadOnly: container "a" cannot write /var/run/x: it is read-only (readOnlyRootFilesystem)`},
			fix: "mount an emptyDir at /var/run, or where it is to write"},
	})
}

func TestAskLooksOnlyWhereItMayHelp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*Facts)
		want   Questions
	}{
		{name: "a ready pod with ports", change: func(*Facts) {}, want: Questions{Sockets: true}},
		{name: "an image that cannot be pulled", change: func(f *Facts) { f.wait("a", "ImagePullBackOff", "") }},
		{name: "a denial on a volume", change: func(f *Facts) {
			mounted(f, empty)
			f.spec("a").Ports = nil
			f.spec("a").VolumeMounts[0].SubPath = "sub"
			f.crash("a", 1, "touch: /data/d/f: Permission denied")
		}, want: Questions{Files: []Place{{"v", ""}, {"v", "sub"}, {"v", "sub/d"}, {"v", "sub/d/f"}}}},
		{name: "an init container that waits", change: func(f *Facts) {
			f.pending()
			f.spec("i").Command = []string{"sh", "-c", "until nc -z db 5432; do sleep 1; done"}
			f.run("i", false)
		}, want: Questions{Targets: []Target{{"db", 5432}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := healthy()
			tc.change(f)
			if diff := cmp.Diff(tc.want, Ask(*f)); diff != "" {
				t.Errorf("questions (-want +got):\n%s", diff)
			}
		})
	}
}

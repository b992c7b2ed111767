package scenario

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

// volumeCase is one kind of volume and what a container of uid 1000 in a pod of
// fsGroup 2000 finds there.
type volumeCase struct {
	name, source string
	// file is what the init container, as root, writes or finds; text its first
	// line.
	file, text string
	// root and mode are of the volume's top and of file.
	root, mode string
	// writes: the container may make files there. They outlive its restarts.
	writes bool
	// after is what a delete of the pod leaves.
	after string
}

const (
	fromInit = "from init"
	nothing  = "nothing"
)

func volumeCases(host string) []volumeCase {
	return []volumeCase{
		{"emptydir", `emptyDir: {}`, "f", fromInit, "drwxrwsrwx 0:2000", "644 0:2000", true, nothing},
		{"memory", `emptyDir: {medium: Memory}`, "f", fromInit, "drwxrwsrwt 0:2000", "644 0:2000", true, nothing},
		{"configmap", `configMap: {name: conf}`, "a", "one", "drwxrwsrwx 0:2000", "644 0:2000", false, nothing},
		{"secret", `secret: {secretName: login, defaultMode: 0400}`, "user", "admin", "drwxrwsrwt 0:2000", "440 0:2000", false, nothing},
		{
			"downward", `downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}`, "name", "volumes",
			"drwxrwsrwt 0:2000", "644 0:2000", false, nothing,
		},
		{
			"projected", `projected: {sources: [{configMap: {name: conf, items: [{key: a, path: x/y, mode: 0600}]}}, {secret: {name: login}}]}`, "x/y", "one",
			"drwxrwsrwt 0:2000", "640 0:2000", false, nothing,
		},
		{"host", `hostPath: {path: ` + host + `, type: DirectoryOrCreate}`, "f", fromInit, "drwxr-xr-x 0:0", "644 0:0", false, "the directory"},
		{"claim", `persistentVolumeClaim: {claimName: data}`, "f", fromInit, "drwxrwsr-x 0:2000", "644 0:2000", true, "the claim and its data"},
		{
			"ephemeral", `ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}}`, "f", fromInit,
			"drwxrwsr-x 0:2000", "644 0:2000", true, nothing,
		},
		{"image", `image: {reference: "podsim.test/user-named:1"}`, "etc/passwd", "root:x:0:0:root:/root:/bin/sh", "drwxr-xr-x 0:0", "644 0:0", false, nothing},
	}
}

// seen is what a container tells of a volume, in the words of its script.
type seen map[string]string

// tell prints what a container finds in one volume: NAME WHAT=VALUE.
const tell = `
tell() {
  echo "$1 text=$(head -n 1 /v/$1/$2)"
  echo "$1 mode=$(stat -L -c '%a %u:%g' /v/$1/$2)"
  echo "$1 root=$(stat -c '%A %u:%g' /v/$1)"
  test -e /v/$1/by-app && echo "$1 kept=yes"
  touch /v/$1/by-app 2>/dev/null && echo "$1 writes=yes"
}
`

func readSeen(log string) map[string]seen {
	all := map[string]seen{}
	for line := range strings.Lines(log) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		what, value, ok := strings.Cut(rest, "=")
		if !ok {
			continue
		}
		if all[name] == nil {
			all[name] = seen{}
		}
		all[name][what] = value
	}
	return all
}

// volumesPod has all these volumes: an init container of root's writes to those
// that it can, and the other container fails once.
func volumesPod(cases []volumeCase) string {
	var volumes, mounts, init, app strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&volumes, "  - {name: %s, %s}\n", c.name, c.source)
		fmt.Fprintf(&mounts, "    - {name: %s, mountPath: /v/%[1]s}\n", c.name)
		if c.text == fromInit {
			fmt.Fprintf(&init, "echo '%s' > /v/%s/%s\n", fromInit, c.name, c.file)
		}
		fmt.Fprintf(&app, "tell %s %s\n", c.name, c.file)
	}
	app.WriteString("mkdir /m/once 2>/dev/null && exit 1\necho all told\ntrap 'exit 0' TERM; while true; do sleep 1 & wait $!; done\n")
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: volumes}
spec:
  terminationGracePeriodSeconds: 2
  securityContext: {runAsUser: 1000, fsGroup: 2000}
  volumes:
  - {name: marks, emptyDir: {}}
%s  initContainers:
  - name: init
    image: %s
    securityContext: {runAsUser: 0}
    command: [sh, -ec, %q]
    volumeMounts:
%s  containers:
  - name: app
    image: %[2]s
    command: [sh, -c, %[5]q]
    volumeMounts:
    - {name: marks, mountPath: /m}
%[4]s`, &volumes, image, init.String(), &mounts, tell+app.String())
}

const volumesObjects = `
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {a: one}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {user: admin}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
`

// TestEveryKindOfVolume proves of each: what the init container wrote the app
// reads; it is there after a restart of the container; uid 1000 with an fsGroup
// sees owners and modes as on a node and may write or not; and what a delete of
// the pod leaves. With -v it prints the table.
func TestEveryKindOfVolume(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	host := filepath.Join(t.TempDir(), "host")
	cases := volumeCases(host)
	h.Must("apply", "-f", h.Write("objects.yaml", volumesObjects), "-f", h.Write("pod.yaml", volumesPod(cases)))
	harness.WaitFor(t, "the second run of the container", 2*time.Minute, func() bool {
		return strings.Contains(h.Run("logs", "volumes").Stdout, "all told")
	})
	first, second := readSeen(h.Must("logs", "volumes", "--previous")), readSeen(h.Must("logs", "volumes"))
	h.Must("delete", "pod", "volumes")
	table := "| volume | init to app | container restart | uid 1000, fsGroup 2000 | after delete |\n|---|---|---|---|---|\n"
	for _, c := range cases {
		if diff := c.differs(first[c.name], second[c.name]); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		table += c.row(first[c.name], second[c.name])
	}
	t.Log("what was seen:\n" + table)
	onlyTheClaimIsLeft(t, h)
	if text, err := os.ReadFile(filepath.Join(host, "f")); err != nil || string(text) != fromInit+"\n" {
		t.Errorf("the host's file: %q, %v", text, err)
	}
	h.Must("delete", "pvc", "data")
	h.NothingLeft()
}

// differs compares both runs with what is wanted of the volume.
func (c volumeCase) differs(first, second seen) string {
	want := seen{"text": c.text, "root": c.root, "mode": c.mode}
	if c.writes {
		want["writes"] = "yes"
	}
	for run, got := range []seen{first, second} {
		if run == 1 && c.writes {
			want["kept"] = "yes"
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Sprintf("run %d saw %v, want %v", run+1, got, want)
		}
	}
	return ""
}

func (c volumeCase) row(first, second seen) string {
	kept := "reads " + second["text"]
	if second["kept"] == "yes" {
		kept += ", its own file is kept"
	}
	may := "read only"
	if first["writes"] == "yes" {
		may = "writes"
	}
	return fmt.Sprintf("| %s | %s | %s | %s, file %s, %s | %s |\n", c.name, first["text"], kept, first["root"], first["mode"], may, c.after)
}

// onlyTheClaimIsLeft wants nothing on the engine but the claim's volume, with
// what was written to it.
func onlyTheClaimIsLeft(t *testing.T, h *harness.Home) {
	t.Helper()
	for _, o := range h.Leftovers() {
		if o.Type != "volumes" || o.Labels["io.podsim.kind"] != "claim" {
			t.Errorf("left on the engine: %s", o)
		}
	}
	r := h.Run("run", h.Write("again.yaml", fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: again}
spec:
  restartPolicy: Never
  volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
  containers: [{name: c, image: %s, command: [cat, /d/f], volumeMounts: [{name: d, mountPath: /d}]}]
`, image)))
	if r.Code != 0 || !strings.Contains(r.Stdout, fromInit) {
		t.Errorf("the claim's data: %s", r)
	}
}

const imageVolumes = `
apiVersion: v1
kind: Pod
metadata: {name: image-volumes}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: late, image: {reference: %[2]q, pullPolicy: IfNotPresent}}
  - {name: never, image: {reference: "podsim.test/absent:1", pullPolicy: Never}}
  - {name: wrong, image: {reference: "Wrong Name"}}
  - {name: here, image: {reference: "podsim.test/user-named:1"}}
  containers:
  - {name: nopath, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: here, mountPath: /v, subPath: no/such}]}
  - {name: late, image: %[1]s, command: [sh, -c, "head -n 1 /v/etc/passwd; sleep 1000"], volumeMounts: [{name: late, mountPath: /v}]}
  - {name: never, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: never, mountPath: /v}]}
  - {name: wrong, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: wrong, mountPath: /v}]}
  - {name: without, image: %[1]s, command: [sleep, "1000"]}
`

// TestImageVolumesThatCannotBeHad fail the containers that mount them, not the
// pod, and heal.
func TestImageVolumesThatCannotBeHad(t *testing.T) {
	t.Parallel()
	h, registry := harness.New(t), harness.NewRegistry(t)
	late := registry.Host() + "/team/late:1"
	removeImage(t, h, late)
	h.Must("apply", "-f", h.Write("pod.yaml", fmt.Sprintf(imageVolumes, image, late)))
	const nopath = "nopath=CreateContainerError"
	reasons := func() string {
		text := h.Run("get", "pod", "image-volumes", "-o",
			`jsonpath={range .status.containerStatuses[*]}{.name}={.state.waiting.reason}{.started} {end}`).Stdout
		// An engine that mounts images itself (API 1.48) notices at the start.
		return strings.NewReplacer("nopath=CrashLoopBackOff", nopath, "nopath=RunContainerError", nopath).Replace(text)
	}
	const broken = "late=ImagePullBackOfffalse never=ErrImageNeverPullfalse " + nopath + "false without=true wrong=InvalidImageNamefalse "
	harness.WaitFor(t, broken, time.Minute, func() bool { return reasons() == broken })
	describe := h.Must("describe", "pod", "image-volumes")
	for _, text := range []string{
		`Failed to pull image "` + late + `"`, `Container image "podsim.test/absent:1" is not present with pull policy of Never`,
		`Failed to apply default image tag "Wrong Name": couldn't parse image name "Wrong Name"`, "Error: ErrImagePull",
	} {
		if !strings.Contains(describe, text) {
			t.Errorf("no %q in:\n%s", text, describe)
		}
	}
	if text := h.Run("diagnose", "image-volumes").Stdout; !strings.Contains(text, `the image "`+late+`" of volume "late", which container "late" mounts, cannot be pulled`) {
		t.Errorf("diagnose:\n%s", text)
	}
	if err := h.Engine.Call(t.Context(), http.MethodPost, "/images/podsim.test/user-named:1/tag?tag=1&repo="+registry.Host()+"/team/late", nil, nil); err != nil {
		t.Fatal(err)
	}
	harness.WaitFor(t, "the container with the image", time.Minute, func() bool {
		return strings.Contains(h.Run("logs", "image-volumes", "-c", "late").Stdout, "root:x:0:0")
	})
	h.Must("delete", "pod", "image-volumes")
	h.NothingLeft()
}

const claimsPod = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: d, persistentVolumeClaim: {claimName: data}}
  - name: scratch
    ephemeral:
      volumeClaimTemplate:
        metadata: {labels: {made: "yes"}}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Mi}}}
  containers:
  - name: c
    image: %[1]s
    command: [sh, -c, "echo kept > /d/f; sleep 1000"]
    volumeMounts: [{name: d, mountPath: /d}, {name: scratch, mountPath: /s}]
`

const latePod = `
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
  containers: [{name: c, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: d, mountPath: /d}]}]
`

// TestClaimsLiveAsLongAsTheirPods looks at the claim of an ephemeral volume and
// at one that is deleted while a pod uses it.
func TestClaimsLiveAsLongAsTheirPods(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("user.yaml", fmt.Sprintf(claimsPod, image)))
	h.Must("wait", "pod/user", "--for=condition=Ready", "--timeout=60s")
	if got := h.Must("get", "pvc", "-l", "made=yes", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.phase} {.status.capacity.storage} {.metadata.ownerReferences[*].name}{end}"); got != "user-scratch Bound 3Mi user" {
		t.Errorf("the claim of the ephemeral volume: %q", got)
	}
	if text := h.Must("describe", "pvc", "user-scratch"); !strings.Contains(text, "Used By:       user") {
		t.Errorf("describe:\n%s", text)
	}

	if r := h.Run("delete", "pvc", "data", "--timeout=1s"); r.Code == 0 || !strings.Contains(r.Stderr, "timed out waiting for the condition on persistentvolumeclaims/data") {
		t.Errorf("delete of a claim in use: %s", r)
	}
	h.Must("delete", "pvc", "data", "user-scratch", "--wait=false")
	if got := h.Must("get", "pvc", "--no-headers"); strings.Count(got, "Terminating") != 2 {
		t.Errorf("claims in use:\n%s", got)
	}
	if r := h.Run("create", "-f", h.Write("claim.yaml", strings.Split(claimsPod, "---")[0])); !strings.Contains(r.Stderr, `object is being deleted: persistentvolumeclaims "data" already exists`) {
		t.Errorf("create: %s", r)
	}
	h.Must("apply", "-f", h.Write("late.yaml", fmt.Sprintf(latePod, image)))
	harness.WaitFor(t, "the refusal of the late pod", 20*time.Second, func() bool {
		return strings.Contains(h.Run("events", "--for", "pod/late").Stdout, `persistentvolumeclaim "data" is being deleted`)
	})
	if got := h.Must("exec", "user", "--", "cat", "/d/f"); got != "kept\n" {
		t.Errorf("the data: %q", got)
	}

	h.Must("delete", "pod", "user")
	harness.WaitFor(t, "the end of both claims", 20*time.Second, func() bool {
		return !strings.Contains(h.Run("get", "pvc", "--no-headers").Stdout, "Terminating")
	})
	h.Must("wait", "pod/late", "--for=condition=Ready", "--timeout=60s")
	if r := h.Run("exec", "late", "--", "cat", "/d/f"); r.Code == 0 {
		t.Errorf("the data outlived its claim: %s", r)
	}
	h.Must("delete", "pod", "late")
	h.Must("delete", "pvc", "data")
	h.NothingLeft()
}

// bindMount makes a directory that is a mount of its own, of one propagation.
func bindMount(t *testing.T, propagation string) string {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) error { return exec.Command("mount", args...).Run() }
	if err := errors.Join(run("--bind", dir, dir), run("--make-"+propagation, dir)); err != nil {
		t.Skipf("mounts need root: %v", err)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-R", dir).Run() })
	return dir
}

const propagationPod = `
apiVersion: v1
kind: Pod
metadata: {name: propagation}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: shared, hostPath: {path: %[2]s}}
  - {name: private, hostPath: {path: %[3]s}}
  containers:
  - {name: sees, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: shared, mountPath: /h, mountPropagation: HostToContainer}]}
  - {name: blind, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: shared, mountPath: /h}]}
  - {name: cannot, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: private, mountPath: /h, mountPropagation: HostToContainer}]}
  - {name: recursive, image: %[1]s, command: [sleep, "1000"], volumeMounts: [{name: shared, mountPath: /h, readOnly: true, recursiveReadOnly: IfPossible}]}
`

// TestMountPropagation mounts something on the host after the start of the
// containers.
func TestMountPropagation(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	shared, private := bindMount(t, "shared"), bindMount(t, "private")
	if err := os.Mkdir(filepath.Join(shared, "late"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.Must("apply", "-f", h.Write("pod.yaml", fmt.Sprintf(propagationPod, image, shared, private)))
	state := func() string {
		return h.Run("get", "pod", "propagation", "-o", `jsonpath={range .status.containerStatuses[*]}{.name}={.state.waiting.reason}{.started}{.restartCount} {end}`).Stdout
	}
	const want = "blind=true0 cannot=CreateContainerErrorfalse0 recursive=true0 sees=true0 "
	harness.WaitFor(t, want, time.Minute, func() bool { return state() == want })
	if text := h.Must("get", "pod", "propagation", "-o", "yaml"); !strings.Contains(text, "but it is not a shared or slave mount") {
		t.Errorf("the pod:\n%s", text)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "tmpfs", filepath.Join(shared, "late")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for container, want := range map[string]string{"sees": "1\n", "blind": "0\n"} {
		if r := h.Run("exec", "propagation", "-c", container, "--", "grep", "-c", " /h/late ", "/proc/mounts"); r.Stdout != want {
			t.Errorf("%s: %s", container, r)
		}
	}
	if r := h.Run("exec", "propagation", "-c", "recursive", "--", "touch", "/h/x"); r.Code == 0 {
		t.Errorf("a read-only mount: %s", r)
	}
	h.Must("delete", "pod", "propagation")
	h.NothingLeft()
}

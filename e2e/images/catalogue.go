package images

import (
	"slices"
	"strings"
)

// The references of the images made of busybox, beside Busybox itself.
const (
	// Pause does nothing until it is stopped.
	Pause = "podsim.test/pause:1"
	// NumericUser has USER 1000.
	NumericUser = "podsim.test/user-numeric:1"
	// NamedUser has USER app, which is 1000 in its /etc/passwd.
	NamedUser = "podsim.test/user-named:1"
	// Volume has VOLUME /data with a file "from-image" in it.
	Volume = "podsim.test/volume:1"
	// Entrypoint has ENTRYPOINT ["echo" "entrypoint"] and CMD ["command"].
	Entrypoint = "podsim.test/entrypoint:1"
	// Exposed has EXPOSE 8080/tcp and 5353/udp.
	Exposed = "podsim.test/exposed:1"
	// StopSignal has STOPSIGNAL SIGUSR1, on which its command says "usr1" and
	// exits with 3; SIGTERM says "term" and exits with 4.
	StopSignal = "podsim.test/stopsignal:1"
	// Healthcheck has a HEALTHCHECK that always fails.
	Healthcheck = "podsim.test/healthcheck:1"
	// Workdir has WORKDIR /work and ENV COLOUR=green.
	Workdir = "podsim.test/workdir:1"
	// NoCommand has neither ENTRYPOINT nor CMD.
	NoCommand = "podsim.test/nocommand:1"
	// Recorded is what the recorded pods of e2e/testdata ran: programs, one
	// account and nothing else. It has the name that they give it.
	Recorded = "busybox:1.35"
	// Liar bears labels that only podsim should set.
	Liar = "podsim.test/liar:1"
)

const (
	pauseScript = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"
	stopScript  = "trap 'echo usr1; exit 3' USR1; trap 'echo term; exit 4' TERM; echo ready; " +
		"while :; do sleep 3600 & wait $!; done"
)

// variants are busybox with another configuration, by reference.
func variants() map[string]func(*Image) {
	return map[string]func(*Image){
		Pause: func(i *Image) {
			i.Config.Entrypoint, i.Config.Cmd = []string{"sh", "-c", pauseScript}, nil
		},
		NumericUser: func(i *Image) { i.Config.User = "1000" },
		NamedUser:   func(i *Image) { i.Config.User = "app" },
		Volume: func(i *Image) {
			i.Config.Volumes = map[string]struct{}{"/data": {}}
			i.Files = append(i.Files, dir("data"), text("data/from-image", "image\n"))
		},
		Entrypoint: func(i *Image) {
			i.Config.Entrypoint, i.Config.Cmd = []string{"echo", "entrypoint"}, []string{"command"}
		},
		Exposed: func(i *Image) {
			i.Config.ExposedPorts = map[string]struct{}{"8080/tcp": {}, "5353/udp": {}}
		},
		StopSignal: func(i *Image) {
			i.Config.StopSignal, i.Config.Cmd = "SIGUSR1", []string{"sh", "-c", stopScript}
		},
		Healthcheck: func(i *Image) {
			i.Config.Healthcheck = &HealthcheckConfig{Test: []string{"CMD", "false"}, Interval: 1e9}
		},
		Workdir: func(i *Image) {
			i.Config.WorkingDir, i.Config.Env = "/work", append(i.Config.Env, "COLOUR=green")
			i.Files = append(i.Files, dir("work"))
		},
		NoCommand: func(i *Image) { i.Config.Cmd = nil },
		Recorded: func(i *Image) {
			i.Files = slices.DeleteFunc(i.Files, func(f File) bool { return !strings.HasPrefix(f.Path, "bin/") })
			i.Files = append(i.Files, dir("bin"), dir("tmp"), text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"))
		},
		Liar: func(i *Image) {
			i.Config.Labels = map[string]string{
				"io.podsim.kind":              "sandbox",
				"io.podsim.home":              "nowhere",
				"io.podsim.attempt":           "99",
				"io.podsim.extra":             `{"pod":"{}"}`,
				"io.kubernetes.pod.name":      "liar",
				"io.kubernetes.pod.namespace": "liar",
			}
		},
	}
}

func dir(path string) File { return File{Path: path, Mode: dirMode} }

func text(path, body string) File { return File{Path: path, Mode: 0o644, Body: []byte(body)} }

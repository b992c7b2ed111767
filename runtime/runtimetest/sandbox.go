package runtimetest

import (
	"errors"
	"time"

	"github.com/podsim/podsim/runtime"
)

func sandboxCases() []testCase {
	return []testCase{
		{"a sandbox has an address and its containers join it", sandboxJoined},
		{"a container cannot start without its sandbox", sandboxNotRunning},
		{"published ports are told", sandboxPorts},
		{"containers see the sandbox's host name", sandboxHostname},
		{"a sandbox in the host's network has containers", sandboxHostNetwork},
	}
}

func sandboxJoined(w *world) {
	id := w.startSandbox(w.sandboxSpec())
	c := w.container(id)
	if c.Meta.Kind != runtime.KindSandbox || len(c.IPs) == 0 || !c.IPs[0].Is4() {
		w.Errorf("sandbox %+v", c)
	}
	s := w.spec("app", Program{Wait: true})
	s.Sandbox, s.PID = id, "sandbox"
	app := w.container(w.start(s))
	if app.State != runtime.StateRunning {
		w.Errorf("container %+v", app)
	}
	w.must(w.Engine.StopContainer(w.ctx, id, "", time.Minute), "stop the sandbox")
	if got := w.container(id); len(got.IPs) != 0 {
		w.Errorf("a stopped sandbox has addresses %v", got.IPs)
	}
}

func sandboxNotRunning(w *world) {
	id, err := w.Engine.CreateSandbox(w.ctx, w.sandboxSpec())
	w.must(err, "create sandbox")
	s := w.spec("app", Program{})
	s.Sandbox = id
	app, err := w.Engine.CreateContainer(w.ctx, s)
	if err == nil {
		err = w.Engine.StartContainer(w.ctx, app)
	}
	if err == nil || errors.Is(err, runtime.ErrUnavailable) {
		w.Errorf("start without a sandbox: %v", err)
	}
}

func sandboxPorts(w *world) {
	s := w.sandboxSpec()
	s.PublishAll = true
	s.Ports = []runtime.PortBinding{{ContainerPort: 8080, Protocol: "tcp"}, {ContainerPort: 53, Protocol: "udp"}}
	c := w.container(w.startSandbox(s))
	found := map[string]bool{}
	for _, p := range c.Ports {
		if p.HostPort == 0 {
			w.Errorf("port without a host port: %+v", p)
		}
		found[p.Protocol] = found[p.Protocol] ||
			(p.Protocol == "tcp" && p.ContainerPort == 8080) || (p.Protocol == "udp" && p.ContainerPort == 53)
	}
	if !found["tcp"] || !found["udp"] {
		w.Errorf("ports %+v", c.Ports)
	}
	s = w.sandboxSpec()
	s.Name += "-2"
	s.Ports = []runtime.PortBinding{{ContainerPort: 8080, Protocol: "tcp"}}
	if c := w.container(w.startSandbox(s)); len(c.Ports) != 0 {
		w.Errorf("ports that nobody asked to publish: %+v", c.Ports)
	}
}

func sandboxHostname(w *world) {
	s := w.sandboxSpec()
	s.Hostname = "web-0"
	id := w.startSandbox(s)
	app := w.spec("app", Program{ReadFile: "/etc/hostname"})
	app.Sandbox = id
	c := w.ended(w.start(app))
	if out, _ := w.logs(c.ID, runtime.LogOptions{Tail: -1}); out != "web-0\n" {
		w.Errorf("host name %q", out)
	}
}

func sandboxHostNetwork(w *world) {
	s := w.sandboxSpec()
	s.HostNetwork, s.HostPID, s.HostIPC = true, true, true
	s.Ports = []runtime.PortBinding{{ContainerPort: 8080, HostPort: 8080, Protocol: "tcp"}}
	id := w.startSandbox(s)
	app := w.spec("app", Program{Out: "up\n"})
	app.Sandbox, app.HostNetwork, app.HostIPC, app.PID = id, true, true, "host"
	c := w.ended(w.start(app))
	if out, _ := w.logs(c.ID, runtime.LogOptions{Tail: -1}); out != "up\n" {
		w.Errorf("output %q", out)
	}
}

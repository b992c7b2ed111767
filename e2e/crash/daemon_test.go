//go:build linux

package crash

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime/docker"
)

// daemon is an engine of the test's own. It shares nothing with others on this
// machine: no socket, data, bridge, firewall rules or namespace.
type daemon struct {
	dir    string
	bridge string
	flags  []string
	cmd    *exec.Cmd
	done   chan struct{}
}

// startDaemon starts a private engine with the test images and makes it the
// one that podsim and the test use. It skips where that cannot be.
func startDaemon(t *testing.T, flags ...string) *daemon {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a private engine needs root")
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		t.Skipf("no private engine: %v", err)
	}
	dir, err := os.MkdirTemp("", "podsim-engine-")
	if err != nil {
		t.Fatalf("make directory for the engine: %v", err)
	}
	d := &daemon{dir: dir, flags: flags, bridge: fmt.Sprintf("pse%d", os.Getpid()%1_000_000)}
	t.Cleanup(func() { d.remove(t) })
	if err := d.makeBridge(); err != nil {
		t.Skipf("no private engine: %v", err)
	}
	if err := d.begin(); err != nil {
		t.Skipf("no private engine: %v", err)
	}
	t.Setenv("DOCKER_HOST", d.host())
	t.Setenv("DOCKER_CONTEXT", "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := docker.Connect(ctx, docker.Options{Host: d.host()})
	if err != nil {
		t.Fatalf("connect to the private engine: %v", err)
	}
	defer e.Close()
	if err := images.EnsureSome(ctx, e, images.Busybox); err != nil {
		t.Fatalf("load test image: %v", err)
	}
	return d
}

func (d *daemon) host() string { return "unix://" + d.socket() }

func (d *daemon) socket() string { return filepath.Join(d.dir, "engine.sock") }

// makeBridge makes a network of its own, in a range for tests (RFC 2544).
func (d *daemon) makeBridge() error {
	for _, args := range [][]string{
		{"link", "add", d.bridge, "type", "bridge"},
		{"addr", "add", "198.18.77.1/24", "dev", d.bridge},
		{"link", "set", d.bridge, "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// begin starts the process and waits until it answers.
func (d *daemon) begin() error {
	config := filepath.Join(d.dir, "daemon.json")
	if err := os.WriteFile(config, []byte("{}"), 0o600); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	name := filepath.Base(d.dir)
	d.cmd = exec.Command("dockerd", append([]string{
		"--config-file", config, "--host", d.host(), "--pidfile", filepath.Join(d.dir, "pid"),
		"--data-root", filepath.Join(d.dir, "data"), "--exec-root", filepath.Join(d.dir, "exec"),
		"--containerd-namespace", name, "--containerd-plugins-namespace", name + "-plugins",
		"--bridge", d.bridge, "--iptables=false", "--ip-masq=false", "--userland-proxy=false", "--log-level", "warn",
	}, d.flags...)...)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		return err
	}
	d.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(d.cmd, d.done)
	if harness.Eventually(30*time.Second, d.answers) {
		return nil
	}
	return fmt.Errorf("dockerd does not answer:\n%s", d.lastWords())
}

func (d *daemon) answers() bool {
	conn, err := net.Dial("unix", d.socket())
	if err != nil {
		return false
	}
	conn.Close()
	e, err := docker.Connect(context.Background(), docker.Options{Host: d.host()})
	if err != nil {
		return false
	}
	return e.Close() == nil
}

func (d *daemon) lastWords() string {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(text[max(0, len(text)-2000):])
}

// end stops the process: as a service manager does, or hard.
func (d *daemon) end(t *testing.T, s os.Signal) {
	t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		t.Fatalf("end the engine: %v", err)
	}
	select {
	case <-d.done:
	case <-time.After(40 * time.Second):
		t.Fatalf("the engine does not end:\n%s", d.lastWords())
	}
}

// powerOff ends the engine and everything in it at once, as a reboot does.
func (d *daemon) powerOff(t *testing.T) {
	t.Helper()
	helpers := d.processes()
	pods := children(helpers)
	d.end(t, os.Kill)
	for _, pid := range slices.Concat(helpers, pods) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	harness.Eventually(5*time.Second, func() bool { return len(d.processes()) == 0 })
	d.unmount()
	// What lies under /run does not outlive a reboot.
	if err := os.RemoveAll(filepath.Join(d.dir, "exec")); err != nil {
		t.Fatalf("clear the engine's runtime directory: %v", err)
	}
}

// children are the processes that others started.
func children(parents []int) []int {
	var pids []int
	for _, parent := range parents {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
		for _, name := range lists {
			text, _ := os.ReadFile(name)
			for _, field := range strings.Fields(string(text)) {
				if pid, err := strconv.Atoi(field); err == nil {
					pids = append(pids, pid)
				}
			}
		}
	}
	return pids
}

func (d *daemon) again(t *testing.T) {
	t.Helper()
	_ = os.Remove(filepath.Join(d.dir, "pid"))
	if err := d.begin(); err != nil {
		t.Fatalf("start the engine again: %v", err)
	}
}

// remove takes everything of the engine away.
func (d *daemon) remove(t *testing.T) {
	if d.cmd != nil && d.cmd.Process != nil {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.done:
		case <-time.After(20 * time.Second):
			_ = d.cmd.Process.Kill()
			<-d.done
		}
	}
	for _, pid := range d.processes() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	harness.Eventually(5*time.Second, func() bool { return len(d.processes()) == 0 })
	d.unmount()
	_ = exec.Command("ip", "link", "del", d.bridge).Run()
	if err := os.RemoveAll(d.dir); err != nil {
		t.Logf("remove the engine: %v", err)
	}
}

// unmount takes every mount below the engine's directory away.
func (d *daemon) unmount() {
	mounts, _ := os.ReadFile("/proc/self/mounts")
	var mine []string
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[1], d.dir+"/") {
			mine = append(mine, f[1])
		}
	}
	slices.Reverse(mine)
	for _, m := range mine {
		_ = syscall.Unmount(m, syscall.MNT_DETACH)
	}
}

// processes are those that were started with a path of this engine: its
// containerd and the shims.
func (d *daemon) processes() []int {
	var pids []int
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range entries {
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || !strings.Contains(string(line), d.dir+"/") {
			continue
		}
		if !strings.HasPrefix(filepath.Base(strings.SplitN(string(line), "\x00", 2)[0]), "containerd") {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), "%d", &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

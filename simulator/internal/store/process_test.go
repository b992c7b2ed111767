//go:build unix

package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// childTask makes a test binary another process on the store of childDir.
const (
	childTask = "PODSIM_STORE_TASK"
	childDir  = "PODSIM_STORE_DIR"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" {
		if err := child(task, os.Getenv(childDir)); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is what the other process does; it prints a line when it is ready.
func child(task, dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	switch task {
	case "count":
		for range 50 {
			_, err := s.UpdatePod("default", "p", func(p *Pod) error {
				n, _ := strconv.Atoi(p.Object.Annotations["n"])
				p.Object.Annotations = map[string]string{"n": strconv.Itoa(n + 1)}
				return nil
			})
			if err != nil {
				return err
			}
		}
	case "own":
		_, ok, err := s.Own("default", "p", "uid")
		fmt.Println("owns", ok, err)
		time.Sleep(time.Minute)
	case "write":
		fmt.Println("writing")
		for i := 0; ; i++ {
			_, err := s.UpdatePod("default", "p", func(p *Pod) error {
				p.Object.Annotations = map[string]string{"n": strings.Repeat(strconv.Itoa(i%10), 100<<10)}
				return nil
			})
			if err != nil {
				return err
			}
		}
	case "full":
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: 4 << 10, Max: 4 << 10}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
		_, err := s.UpdatePod("default", "p", func(p *Pod) error {
			p.Object.Annotations = map[string]string{"n": strings.Repeat("x", 64<<10)}
			return nil
		})
		fmt.Println("update:", err)
	}
	return nil
}

func process(t *testing.T, task, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childTask+"="+task, childDir+"="+dir)
	return cmd
}

func TestProcessesDoNotLoseEachOthersChanges(t *testing.T) {
	t.Parallel()
	s := open(t)
	mustCreate(t, s, pod("default", "p"))
	var all []*exec.Cmd
	var out bytes.Buffer
	for range 4 {
		cmd := process(t, "count", s.Dir())
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
	}
	p, err := s.Pod("default", "p")
	if err != nil || p.Object.Annotations["n"] != "200" {
		t.Errorf("counted %q, want 200 (%v)", p.Object.Annotations["n"], err)
	}
}

func TestOwnershipEndsWithTheProcess(t *testing.T) {
	t.Parallel()
	s := open(t)
	cmd := process(t, "own", s.Dir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "owns true <nil>\n" {
		t.Fatalf("%q %v", line, err)
	}
	if _, ok, err := s.Own("default", "p", "uid"); ok || err != nil {
		t.Errorf("owned twice: %v", err)
	}
	if owned, err := s.Owned("uid"); !owned || err != nil {
		t.Errorf("owned: %v %v", owned, err)
	}
	if pid := s.Owner("uid"); pid != cmd.Process.Pid {
		t.Errorf("owner %d, want %d", pid, cmd.Process.Pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	release, ok, err := s.Own("default", "p", "uid")
	if !ok || err != nil {
		t.Fatalf("after its end: %v %v", ok, err)
	}
	release()
	if owned, err := s.Owned("uid"); owned || err != nil {
		t.Errorf("after release: %v %v", owned, err)
	}
	if entries, _ := os.ReadDir(s.Dir() + "/owners"); len(entries) != 0 {
		t.Errorf("lock files stay: %v", entries)
	}
}

func TestKilledWriterLeavesAWholePodAndNoRubbish(t *testing.T) {
	t.Parallel()
	s := open(t)
	mustCreate(t, s, pod("default", "p"))
	for i := range 10 {
		cmd := process(t, "write", s.Dir())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Duration(i) * 7 * time.Millisecond)
		for time.Now().Before(deadline) {
			p, err := s.Pod("default", "p")
			if err != nil {
				t.Fatal(err)
			}
			if n := p.Object.Annotations["n"]; n != "" && n != strings.Repeat(n[:1], 100<<10) {
				t.Fatal("a part of a pod was read")
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	again, err := Open(s.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.UpdatePod("default", "p", func(*Pod) error { return nil }); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(s.Dir() + "/tmp"); len(entries) != 0 {
		t.Errorf("rubbish: %v", entries)
	}
	if again.Home() != s.Home() || s.Home() == "" {
		t.Errorf("home %q, then %q", s.Home(), again.Home())
	}
}

func TestFullDiskLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	mustCreate(t, s, pod("default", "p"))
	out, err := process(t, "full", s.Dir()).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "update: write ") || !strings.Contains(string(out), "file too large") {
		t.Fatalf("%v: %s", err, out)
	}
	p, err := s.Pod("default", "p")
	if err != nil || len(p.Object.Annotations) != 0 {
		t.Errorf("after a failed write: %v %v", p.Object, err)
	}
	if entries, _ := os.ReadDir(s.Dir() + "/tmp"); len(entries) != 0 {
		t.Errorf("rubbish: %v", entries)
	}
}

func TestDamagedFileIsNamedAndHidesNoOther(t *testing.T) {
	t.Parallel()
	s := open(t)
	mustCreate(t, s, pod("default", "bad"))
	mustCreate(t, s, pod("default", "good"))
	path := s.Dir() + "/namespaces/default/pods/bad/pod.json"
	if err := os.WriteFile(path, []byte(`{"object":`), 0o600); err != nil {
		t.Fatal(err)
	}
	pods, err := s.Pods("")
	if len(pods) != 1 || pods[0].Object.Name != "good" || err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %d pods, %v", len(pods), err)
	}
	if err := s.CreatePod(pod("default", "bad")); err == nil || apierrors.IsAlreadyExists(err) {
		t.Errorf("create over a damaged one: %v", err)
	}
	if err := s.RemovePod("default", "bad", ""); err != nil {
		t.Error(err)
	}
	if _, err := s.Pods(""); err != nil {
		t.Errorf("after its removal: %v", err)
	}
}

func TestDamagedCounterGoesOnGrowing(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := mustCreate(t, s, pod("default", "a")).ResourceVersion
	if err := os.WriteFile(s.Dir()+"/version", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second := mustCreate(t, s, pod("default", "b")).ResourceVersion
	if parseVersion(second) <= parseVersion(first) {
		t.Errorf("%s after %s", second, first)
	}
}

func TestDamagedStateCountsAsNoneAndIsWrittenAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	state := PodState{Status: v1.PodStatus{Phase: v1.PodRunning}}
	for _, left := range []string{"", "{", `"x"`, "\x00\x00\x00"} {
		if err := s.SetState("default", "p", string(o.UID), state); err != nil {
			t.Fatal(err)
		}
		if p, err := s.Pod("default", "p"); err != nil || p.Object.Status.Phase != v1.PodRunning {
			t.Errorf("before %q: got %v %v", left, p.Object, err)
		}
		if err := os.WriteFile(s.Dir()+"/namespaces/default/pods/p/state.json", []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := s.Pod("default", "p"); err != nil || p.Object.Status.Phase != v1.PodPending {
			t.Errorf("after %q: got %v %v", left, p.Object, err)
		}
	}
}

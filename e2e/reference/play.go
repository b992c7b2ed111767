package reference

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
)

const (
	// longestSleep cuts the long sleeps of recordings: podsim acts at once
	// where a kubelet waits for its next look.
	longestSleep = 8 * time.Second
	// patience is how much longer than the kubelet podsim may take: several
	// cases share the machine.
	patience = 45 * time.Second
	// settled is how long a pod that has ended is still watched.
	settled = 2 * time.Second
)

// player does on podsim what was done to the kubelet.
type player struct {
	c       Case
	home    *harness.Home
	watch   *harness.Process
	rows    *harness.Process
	follows map[string]*harness.Process
	got     Recording
	// read is how much of the watch is in objects and states.
	read    int64
	objects []map[string]any
	states  []State
}

// Play runs the case in its own namespace of home and returns what was seen.
// satisfied says that enough was seen; past the case's time it is waited for
// a while.
func Play(c Case, home *harness.Home, satisfied func([]State) bool) Recording {
	home = home.In(c.Namespace())
	p := &player{c: c, home: home, follows: map[string]*harness.Process{}}
	p.got.Outputs, p.got.Logs = map[string]Output{}, map[string]string{}
	if c.Has("aux.yaml") {
		p.podsim("create", "-f", "aux.yaml")
	}
	p.watch = home.Start("get", "pods", "-w", "-o", "json")
	p.rows = home.Start("get", "pods", "-w")
	p.got.Create = p.podsim("create", "-f", "pod.yaml")
	// The recording has both streams in one.
	p.got.Create.Stdout, p.got.Create.Stderr = p.got.Create.Stdout+p.got.Create.Stderr, ""
	p.wait(satisfied)
	p.look()
	for _, s := range c.Steps {
		p.step(s)
	}
	p.finish()
	return p.got
}

func (p *player) podsim(args ...string) Output {
	r, _ := p.home.StartIn(p.c.Dir, nil, args...).WaitTimeout(harness.DefaultTimeout)
	return Output{Stdout: r.Stdout, Stderr: r.Stderr, Code: r.Code}
}

// wait lets the pod live as long as the kubelet's did. A pod that has ended
// needs no longer, one that is late gets some more time.
func (p *player) wait(satisfied func([]State) bool) {
	if p.got.Create.Code != 0 {
		return
	}
	start := time.Now()
	var ended time.Time
	enough := false
	harness.Eventually(p.c.Wait+patience, func() bool {
		before := len(p.states)
		p.got.Objects, p.got.States = p.seen()
		if len(p.got.States) != before {
			enough = satisfied(p.got.States)
		}
		if enough && finished(p.got.States) {
			if ended.IsZero() {
				ended = time.Now()
			}
			return time.Since(ended) > settled
		}
		return enough && time.Since(start) > p.c.Wait
	})
}

func finished(states []State) bool {
	if len(states) == 0 {
		return false
	}
	last := states[len(states)-1].Phase
	return strings.HasPrefix(last, "Succeeded") || strings.HasPrefix(last, "Failed")
}

// look takes what the kubelet's run took before its steps.
func (p *player) look() {
	if out := p.podsim("get", "pod", "p", "-o", "json"); out.Code == 0 {
		_ = json.Unmarshal([]byte(out.Stdout), &p.got.Status)
	}
	for _, name := range p.c.containers("log-", ".txt") {
		args := []string{"logs"}
		container, previous := strings.CutSuffix(name, ".prev")
		// Of several pods the file is called log-POD.CONTAINER.
		if pod, c, two := strings.Cut(container, "."); two {
			args = append(args, pod, "-c", c)
		} else {
			args = append(args, "p", "-c", container)
		}
		if previous {
			args = append(args, "--previous")
		}
		out := p.podsim(args...)
		p.got.Logs["log-"+name] = out.Stdout + out.Stderr
	}
}

func (p *player) step(s Step) {
	switch s.Op {
	case "sleep":
		time.Sleep(min(seconds(s.S), longestSleep))
	case "bg-logs":
		for _, container := range p.c.containers("follow-", ".txt") {
			p.follows[container] = p.home.Start("logs", "p", "-c", container, "-f", "--timestamps")
		}
	case "exec":
		args := append([]string{"exec", "p", "-c", s.Container, "--"}, s.Cmd...)
		p.got.Outputs["exec-"+s.Container+"-"+s.Label] = p.podsim(args...)
	case "kubectl":
		args := make([]string, len(s.Args))
		for i, a := range s.Args {
			args[i] = strings.TrimPrefix(a, "@")
		}
		p.got.Outputs["kubectl-"+s.Label] = p.podsim(args...)
	}
}

// finish collects what goes on until the end, and removes the pods.
func (p *player) finish() {
	harness.Eventually(settled, func() bool {
		_, states := p.seen()
		return len(states) > 0 && strings.HasSuffix(states[len(states)-1].Phase, "DELETING")
	})
	for name, follow := range p.follows {
		r, _ := follow.WaitTimeout(settled)
		p.got.Logs["follow-"+name] = r.Stdout
	}
	p.got.Objects, p.got.States = p.seen()
	p.got.Rows = parseRows(p.rows.Stdout())
	p.got.Events = p.events()
	p.watch.Kill()
	p.rows.Kill()
	p.podsim("delete", "pods", "--all", "--grace-period=1")
	if p.c.Has("aux.yaml") {
		p.podsim("delete", "-f", "aux.yaml")
	}
}

// uids are those of the pods that the watch has shown.
func (p *player) uids() map[string]bool {
	all := map[string]bool{}
	for _, o := range p.objects {
		meta, _ := o["metadata"].(map[string]any)
		uid, _ := meta["uid"].(string)
		all[uid] = true
	}
	return all
}

// seen are the objects the watch has delivered, and their states.
func (p *player) seen() ([]map[string]any, []State) {
	text := p.watch.Stdout()
	d := json.NewDecoder(strings.NewReader(text[p.read:]))
	start := p.read
	for {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return p.objects, append(p.states, State{Pod: "p", Phase: "unreadable: " + err.Error()})
			}
			return p.objects, p.states
		}
		p.read = start + d.InputOffset()
		var pod corev1.Pod
		var object map[string]any
		if json.Unmarshal(raw, &pod) != nil || json.Unmarshal(raw, &object) != nil || pod.Kind != "Pod" {
			continue
		}
		p.objects, p.states = append(p.objects, object), append(p.states, stateOf(&pod))
	}
}

func (p *player) events() []Event {
	var list corev1.EventList
	out := p.podsim("get", "events", "-o", "json")
	if err := json.Unmarshal([]byte(out.Stdout), &list); err != nil {
		return []Event{{Reason: "unreadable", Message: filepath.Base(p.c.Dir) + ": " + out.Stderr}}
	}
	uids := p.uids()
	var events []Event
	for i := range list.Items {
		// A pod that was played before had the same name.
		if !uids[string(list.Items[i].InvolvedObject.UID)] {
			continue
		}
		events = append(events, eventOf(&list.Items[i]))
	}
	return events
}

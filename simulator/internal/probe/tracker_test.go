package probe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
)

var zero = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return zero.Add(time.Duration(seconds * float64(time.Second))) }

// play runs a tracker over outcomes, each at the moment it is due, and tells
// what it says: "s" success, "f" failure, "w" warning, "e" an error, "!" that
// the container has started at this second, "d" that the pod is deleted, "r"
// that there is another instance.
func play(t Tracker, script string) string {
	now := zero
	var out []string
	for _, c := range script {
		switch c {
		case '!':
			t = t.MarkStarted(now)
			continue
		case 'd':
			t = t.MarkTerminating()
			out = append(out, "deleted:"+string(t.State()))
			continue
		case 'r':
			t = t.Reset(now)
			out = append(out, "reset:"+string(t.State()))
			continue
		}
		due, ok := t.Next()
		if !ok {
			out = append(out, "never")
			break
		}
		if due.After(now) {
			now = due
		}
		o := map[rune]Outcome{
			's': {Result: Success}, 'f': {Result: Failure}, 'w': {Result: Warning}, 'e': {Result: Unknown, Err: errors.New("x")},
		}[c]
		var seen bool
		if t, seen = t.Observe(o, now, now); !seen {
			out = append(out, fmt.Sprintf("(%v)", now.Sub(zero).Seconds()))
			continue
		}
		out = append(out, fmt.Sprintf("%v:%s", now.Sub(zero).Seconds(), t.State()))
	}
	return strings.Join(out, " ")
}

func TestTracker(t *testing.T) {
	t.Parallel()
	p := v1.Probe{InitialDelaySeconds: 2, PeriodSeconds: 5, SuccessThreshold: 2, FailureThreshold: 3}
	once := v1.Probe{PeriodSeconds: 1, SuccessThreshold: 1, FailureThreshold: 1}
	tests := []struct {
		name   string
		kind   Kind
		probe  v1.Probe
		script string
		want   string
	}{
		{"the first run after the initial delay, then every period", Readiness, p, "!ss", "5: 10:success"},
		{"results count in a row", Readiness, p, "!sfss", "5: 10: 15: 20:success"},
		{"below the threshold the state stays", Readiness, p, "!ssffsfff", "5: 10:success 15:success 20:success 25:success 30:success 35:success 40:failure"},
		{"an error counts for nothing", Readiness, p, "!ses", "5: 10: 15:success"},
		{"until a kubelet sees the container no failure of readiness counts", Readiness, once, "!fefffff", "(0) (0.25) (0.5) (0.75) 1:failure 2:failure 3:failure"},
		{"a success does", Readiness, once, "!ffss", "(0) (0.25) 0.5:success 1.5:success"},
		{"a warning is a success", Readiness, once, "!w", "0:success"},
		{"readiness comes back", Readiness, once, "!sfsf", "0:success 1:failure 2:success 3:failure"},
		{"nothing runs before the container has started", Liveness, once, "s", "never"},
		{"liveness that failed is on hold", Liveness, once, "!sfs", "1:success 2:failure never"},
		{"until there is another instance", Liveness, once, "!fr!s", "1:failure reset: 1:success"},
		{"startup runs at the first tick and stops when it succeeded", Startup, once, "ss", "1:success never"},
		{"startup stops when it failed", Startup, once, "fs", "1:failure never"},
		{"deletion ends liveness as passed", Liveness, once, "!sds", "1:success deleted:success never"},
		{"deletion ends startup as passed", Startup, p, "fds", "5: deleted:success never"},
		{"readiness survives deletion", Readiness, once, "!sdf", "0:success deleted:success 1:failure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, play(NewTracker(tt.kind, &tt.probe, zero, zero), tt.script)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	p := v1.Probe{PeriodSeconds: 10, FailureThreshold: 3}
	delayed := v1.Probe{PeriodSeconds: 10, InitialDelaySeconds: 30}
	// track is a probe of a pod begun at 0 s, of an instance started at 2.5 s.
	track := func(k Kind, p *v1.Probe) Tracker { return NewTracker(k, p, zero, at(2.5)) }
	after := func(t Tracker, _ bool) Tracker { return t }
	running := track(Liveness, &p).MarkStarted(at(2.5))
	tests := []struct {
		name string
		got  Tracker
		want float64
	}{
		{"startup runs when the pod's probes tick", track(Startup, &p), 10},
		{"so does liveness", running, 10},
		{"at the first tick after a later start", NewTracker(Startup, &p, zero, at(25)), 30},
		{"readiness runs at once", track(Readiness, &p).MarkStarted(at(2.5)), 2.5},
		{"and when the startup probe has passed", track(Readiness, &p).MarkStarted(at(13)), 13},
		{"liveness at its next turn", track(Liveness, &p).MarkStarted(at(13)), 20},
		{"a turn that falls on the moment counts", track(Liveness, &p).MarkStarted(at(20)), 20},
		{"readiness waits for the tick of its own after the initial delay", track(Readiness, &delayed).MarkStarted(at(13)), 33},
		{"liveness for that of the pod", track(Liveness, &delayed).MarkStarted(at(13)), 40},
		{"a delay counts from the second of the start", NewTracker(Startup, &v1.Probe{PeriodSeconds: 2, InitialDelaySeconds: 2}, zero, at(2.9)), 4},
		{"being started twice is nothing new", track(Readiness, &p).MarkStarted(at(13)).MarkStarted(at(15)), 13},
		{"a run's length does not shift the turns", after(running.Observe(Outcome{}, at(10.2), at(19))), 20},
		{"a long run is followed at once", after(running.Observe(Outcome{}, at(10), at(25))), 20},
		{"missed turns are not made up for", after(running.Observe(Outcome{}, at(10), at(45))), 40},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next, ok := tt.got.Next()
			if !ok || !next.Equal(at(tt.want)) {
				t.Errorf("due %v, %v; want %vs", next.Sub(zero), ok, tt.want)
			}
		})
	}
}

func TestResumedStateIsKept(t *testing.T) {
	t.Parallel()
	p := v1.Probe{}
	tests := []struct {
		kind   Kind
		state  State
		probes bool
	}{
		{Readiness, Passed, true}, {Liveness, Passed, true}, {Liveness, Failed, false}, {Startup, Passed, false}, {Startup, Initial, true},
	}
	for _, tt := range tests {
		tr := NewTracker(tt.kind, &p, zero, zero).Resume(tt.state).MarkStarted(zero)
		if _, ok := tr.Next(); ok != tt.probes || tr.State() != tt.state {
			t.Errorf("%s %q: state %q, runs %v", tt.kind, tt.state, tr.State(), ok)
		}
	}
}

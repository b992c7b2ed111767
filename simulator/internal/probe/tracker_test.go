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
		t = t.Observe(o, now, now)
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
		{"the first run after the initial delay, then every period", Readiness, p, "!ss", "2: 7:success"},
		{"results count in a row", Readiness, p, "!sfss", "2: 7: 12: 17:success"},
		{"below the threshold the state stays", Readiness, p, "!ssffsfff", "2: 7:success 12:success 17:success 22:success 27:success 32:success 37:failure"},
		{"an error counts for nothing", Readiness, p, "!ses", "2: 7: 12:success"},
		{"a warning is a success", Readiness, once, "!w", "0:success"},
		{"readiness comes back", Readiness, once, "!fsf", "0:failure 1:success 2:failure"},
		{"nothing runs before the container has started", Liveness, once, "s", "never"},
		{"liveness that failed is on hold", Liveness, once, "!sfs", "0:success 1:failure never"},
		{"until there is another instance", Liveness, once, "!fr!s", "0:failure reset: 0:success"},
		{"startup runs at once and stops when it succeeded", Startup, once, "ss", "0:success never"},
		{"startup stops when it failed", Startup, once, "fs", "0:failure never"},
		{"deletion ends liveness as passed", Liveness, once, "!sds", "0:success deleted:success never"},
		{"deletion ends startup as passed", Startup, p, "fds", "2: deleted:success never"},
		{"readiness survives deletion", Readiness, once, "!sdf", "0:success deleted:success 1:failure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, play(NewTracker(tt.kind, &tt.probe, zero), tt.script)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	p := v1.Probe{PeriodSeconds: 10, FailureThreshold: 3}
	delayed := v1.Probe{PeriodSeconds: 10, InitialDelaySeconds: 30}
	tests := []struct {
		name string
		got  Tracker
		want float64
	}{
		{"readiness runs at once when the startup probe has passed", NewTracker(Readiness, &p, zero).MarkStarted(at(13)), 13},
		{"liveness at its next turn", NewTracker(Liveness, &p, zero).MarkStarted(at(13)), 20},
		{"a turn that falls on the moment counts", NewTracker(Liveness, &p, zero).MarkStarted(at(20)), 20},
		{"neither before the initial delay", NewTracker(Readiness, &delayed, zero).MarkStarted(at(13)), 30},
		{"being started twice is nothing new", NewTracker(Readiness, &p, zero).MarkStarted(at(13)).MarkStarted(at(15)), 13},
		{"a run's length does not shift the turns", NewTracker(Readiness, &p, zero).MarkStarted(zero).Observe(Outcome{}, at(10), at(19)), 20},
		{"a long run is followed at once", NewTracker(Readiness, &p, zero).MarkStarted(zero).Observe(Outcome{}, at(10), at(25)), 20},
		{"missed turns are not made up for", NewTracker(Readiness, &p, zero).MarkStarted(zero).Observe(Outcome{}, at(10), at(45)), 40},
		{"a trigger comes before the turn", NewTracker(Readiness, &p, zero).MarkStarted(zero).Observe(Outcome{Result: Success}, zero, zero).Trigger(at(3)), 3},
		{"but not before the initial delay", NewTracker(Readiness, &delayed, zero).MarkStarted(zero).Trigger(at(3)), 30},
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
		tr := NewTracker(tt.kind, &p, zero).Resume(tt.state).MarkStarted(zero)
		if _, ok := tr.Next(); ok != tt.probes || tr.State() != tt.state {
			t.Errorf("%s %q: state %q, runs %v", tt.kind, tt.state, tr.State(), ok)
		}
	}
}

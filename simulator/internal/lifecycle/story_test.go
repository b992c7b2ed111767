package lifecycle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/podsim/podsim/simulator/internal/lifecycle"
)

// fill makes a volume full.
func fill(volume string, bytes int64) func(*world) {
	return func(w *world) { w.snap.Usage.Volumes = map[string]int64{volume: bytes} }
}

func TestStoriesGoAsRecordedOnARealNode(t *testing.T) {
	t.Parallel()
	const s = time.Second
	tests := []struct {
		name  string
		play  play
		skips []int // recorded statuses that are stale or of a polling step
	}{
		{name: "two-containers", play: play{
			runs:  map[string][]run{"a": {serve}, "b": {serve}},
			steps: []step{{38 * s, deleteWithin(30)}},
		}},
		{name: "crashloop", play: play{
			runs:  map[string][]run{"c": {{code: 1}}, "obs": {serve}},
			until: 176 * s,
		}},
		{name: "init-fail-never", play: play{
			runs: map[string][]run{"ok": {{}}, "bad": {{code: 3}}, "later": {{}}, "main": {serve}},
		}},
		{name: "init-exit-then-ok", play: play{
			runs: map[string][]run{"flaky": {{code: 1}, {code: 1}, {}}, "main": {serve}},
		}},
		{name: "init-restart-order", play: play{
			runs:  map[string][]run{"i": {{}}, "main": {{life: 4 * s, code: 1}}},
			until: 11 * s,
		}},
		{name: "never-zero", play: play{
			runs: map[string][]run{"zero": {{}}, "slow": {{life: 3 * s}}},
		}},
		{name: "onfailure-mix", play: play{
			runs: map[string][]run{"zero": {{}}, "flaky": {{code: 1}, {code: 1}, {}}, "slow": {{life: 10 * s}}},
		}},
		{name: "init-fail-always", play: play{
			runs:  map[string][]run{"ok": {{}}, "bad": {{code: 3}}, "later": {{}}, "main": {serve}},
			until: 45 * s,
		}, skips: []int{7}},
		{name: "liveness-exec", play: play{
			runs: map[string][]run{
				"c":   {{life: forever, sick: 6 * s, term: forever, code: 0}},
				"obs": {serve},
			},
			until: 67 * s,
		}},
		{name: "liveness-exit0-onfailure", play: play{
			runs: map[string][]run{"c": {{life: forever, sick: 2 * s, term: 200 * time.Millisecond}}},
		}},
		{name: "liveness-prestop", play: play{
			runs:  map[string][]run{"c": {{life: forever, sick: 2 * s, preStop: s, term: 200 * time.Millisecond}}},
			until: 20 * s,
		}},
		{name: "poststart-fail", play: play{
			runs:  map[string][]run{"c": {{life: forever, postStart: 50 * time.Millisecond, hookFails: true}}, "d": {serve}},
			until: 15 * s,
		}},
		{name: "poststart-slow", play: play{
			runs:  map[string][]run{"c1": {{life: forever, postStart: 6 * s}}, "c2": {serve}},
			until: 15 * s,
		}},
		{name: "prestop-grace", play: play{
			runs:  map[string][]run{"c": {{life: forever, preStop: 4 * s, term: forever}}},
			steps: []step{{8 * s, deleteWithin(6)}},
		}},
		{name: "prestop-over-grace", play: play{
			runs:  map[string][]run{"c": {{life: forever, preStop: 30 * s, term: forever}}},
			steps: []step{{8 * s, deleteWithin(4)}},
		}},
		{name: "grace-ignore-term", play: play{
			runs:  map[string][]run{"c": {deaf}, "good": {{life: forever, term: s, termCode: 3}}},
			steps: []step{{8 * s, deleteWithin(5)}},
		}},
		{name: "active-deadline", play: play{
			runs: map[string][]run{"c": {serve}, "d": {deaf}},
		}},
		{name: "active-deadline-exit0", play: play{
			runs: map[string][]run{"c": {serve}},
		}},
		{name: "delete-in-init", play: play{
			runs:  map[string][]run{"i1": {{life: forever, termCode: 7}}, "i2": {{}}, "main": {serve}},
			steps: []step{{8 * s, deleteWithin(5)}},
		}, skips: []int{3}},
		{name: "delete-missing-volume", play: play{
			runs:     map[string][]run{"c": {serve}},
			steps:    []step{{6 * s, deleteWithin(30)}},
			problems: time.Hour,
		}},
		{name: "delete-image-error", play: play{
			runs: map[string][]run{"never": {serve}, "cm": {serve}},
			fails: map[string]Failure{
				"never": {Reason: ReasonErrImageNeverPull, Message: `Container image "nosuch:1" is not present with pull policy of Never`},
				"cm":    {Reason: "CreateContainerConfigError", Message: `configmap "nope" not found`},
			},
			steps: []step{{9 * s, deleteWithin(30)}},
		}, skips: []int{2, 4}},
		{name: "oom", play: play{
			runs: map[string][]run{"c": {{code: 137, oom: true}}, "child": {{life: 2 * s, oom: true}}},
		}},
		{name: "emptydir-evict", play: play{
			runs:  map[string][]run{"a": {serve}},
			steps: []step{{30 * s, fill("e", 5<<20)}},
		}},
		{name: "evict-sigkill", play: play{
			runs:  map[string][]run{"a": {deaf}},
			steps: []step{{30 * s, fill("e", 5<<20)}},
		}},
		{name: "ephemeral-limit-evict", play: play{
			runs:  map[string][]run{"a": {serve}},
			steps: []step{{20 * s, func(w *world) { w.snap.Usage.Containers = map[string]int64{"a": 8 << 20} }}},
		}},
		{name: "restart-rules", play: play{
			runs:  map[string][]run{"a": {{life: s, code: 42}}},
			until: 20 * s,
		}},
		{name: "sidecar-delete", play: play{
			runs:  map[string][]run{"s1": {serve}, "s2": {serve}, "main": {{life: forever, term: 2 * s}}},
			steps: []step{{8 * s, deleteWithin(12)}},
		}},
		{name: "sidecar-job", play: play{
			runs: map[string][]run{"side": {{life: forever, up: 3 * s}}, "main": {{life: 4 * s}}},
		}, skips: []int{2}},
		{name: "sidecar-job-fail", play: play{
			runs: map[string][]run{"side": {deaf}, "main": {{life: 2 * s, code: 5}}},
		}},
		{name: "sidecar-order", play: play{
			runs: map[string][]run{
				"s1": {{life: forever, term: s}}, "plain": {{life: s}},
				"s2": {{life: forever, term: 2 * s, termCode: 4}}, "s3": {{life: forever, preStop: s, term: s}},
				"main": {{life: 4 * s}},
			},
		}},
		{name: "sidecar-restart-onfailure", play: play{
			runs: map[string][]run{"side": {{life: 2 * s}}, "main": {{life: 6 * s}}},
		}},
		{name: "image-change", play: play{
			runs:  map[string][]run{"a": {serve}, "b": {serve}},
			steps: []step{{6 * s, func(w *world) { w.seen["a"].SpecHash = "2" }}},
			until: 20 * s,
		}},
		{name: "image-init-bad", play: play{
			runs:  map[string][]run{"never": {serve}, "good": {serve}},
			fails: map[string]Failure{"never": {Reason: ReasonErrImageNeverPull, Message: `Container image "nosuch:1" is not present with pull policy of Never`}},
			until: 9 * s,
		}},
		{name: "cmd-errors", play: play{
			runs: map[string][]run{
				"nocmd": {{startError: "no such file"}}, "noexec": {{startError: "permission denied"}},
				"isdir": {{startError: "permission denied"}}, "wd": {serve},
				"wdfile": {{startError: "not a directory"}}, "entry": {{}},
			},
			until: 19 * s,
			start: 10 * time.Millisecond,
		}},
		{name: "stop-signal", play: play{
			runs:  map[string][]run{"a": {{life: forever, termCode: 6}}},
			steps: []step{{5 * s, deleteWithin(4)}},
		}},
		{name: "share-pid", play: play{
			runs:  map[string][]run{"a": {serve}, "b": {{life: forever, termCode: 143}}},
			steps: []step{{5 * s, deleteWithin(3)}},
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := recorded(t, tc.name)
			for i := len(tc.skips) - 1; i >= 0; i-- {
				want = append(want[:tc.skips[i]], want[tc.skips[i]+1:]...)
			}
			tc.play.pod = load(t, tc.name)
			if tc.play.until == 0 {
				tc.play.until = 10 * time.Minute
			}
			w := perform(t, tc.play)
			w.goesThrough(want)
			var told []string
			for _, e := range w.events {
				told = append(told, normalize(e))
			}
			if diff := cmp.Diff(recordedEvents(t, tc.name), distinct(told)); diff != "" {
				t.Errorf("events (-recorded +told):\n%s", diff)
			}
		})
	}
}

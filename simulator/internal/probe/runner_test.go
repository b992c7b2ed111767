package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	v1 "k8s.io/api/core/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type execFunc func(ctx context.Context, argv []string) ([]byte, int, error)

func (f execFunc) Exec(ctx context.Context, argv []string) (Output, int, error) {
	out, code, err := f(ctx, argv)
	return Output{All: out}, code, err
}

// fileProbe succeeds between two seconds of the bubble.
func between(start time.Time, from, to int) execFunc {
	return func(context.Context, []string) ([]byte, int, error) {
		if s := int(time.Since(start).Seconds()); s >= from && s < to {
			return nil, 0, nil
		}
		return []byte("no"), 1, nil
	}
}

func execProbe(p v1.Probe, argv ...string) *v1.Probe {
	p.Exec = &v1.ExecAction{Command: argv}
	return &p
}

// recorder collects reports as "second:result>state".
type recorder struct {
	start time.Time
	out   []string
}

func (r *recorder) report(_ context.Context, rep Report) {
	r.out = append(r.out, fmt.Sprintf("%v:%s>%s", time.Since(r.start).Seconds(), rep.Outcome.Result, rep.State))
}

func TestRunnerFollowsThePeriod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{start: time.Now()}
		r := Start(t.Context(), Options{
			Kind:      Readiness,
			Probe:     execProbe(v1.Probe{PeriodSeconds: 2, FailureThreshold: 2, InitialDelaySeconds: 1}),
			Target:    Target{Container: &v1.Container{}, Execer: between(rec.start, 3, 6)},
			StartedAt: rec.start, Started: true,
			Report: rec.report,
		})
		time.Sleep(9 * time.Second)
		r.Stop()
		want := "2:failure> 4:success>success 6:failure>success 8:failure>failure"
		if diff := cmp.Diff(want, strings.Join(rec.out, " ")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReadinessRunsAtOnceAfterStartup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{start: time.Now()}
		r := Start(t.Context(), Options{
			Kind:      Readiness,
			Probe:     execProbe(v1.Probe{PeriodSeconds: 10}),
			Target:    Target{Container: &v1.Container{}, Execer: between(rec.start, 0, 100)},
			StartedAt: rec.start,
			Report:    rec.report,
		})
		time.Sleep(13 * time.Second)
		r.MarkStarted()
		time.Sleep(11 * time.Second)
		r.Stop()
		if diff := cmp.Diff("13:success>success 23:success>success", strings.Join(rec.out, " ")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStopBreaksARunOffWithoutAReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{start: time.Now()}
		r := Start(t.Context(), Options{
			Kind:  Liveness,
			Probe: execProbe(v1.Probe{PeriodSeconds: 1, TimeoutSeconds: 100}),
			Target: Target{Container: &v1.Container{}, Execer: execFunc(func(ctx context.Context, _ []string) ([]byte, int, error) {
				<-ctx.Done()
				return nil, 0, ctx.Err()
			})},
			StartedAt: rec.start, Started: true,
			Report: rec.report,
		})
		time.Sleep(5 * time.Second)
		r.Stop()
		r.MarkStarted() // after the end it is heard by nobody and blocks nobody
		if len(rec.out) != 0 {
			t.Error(rec.out)
		}
	})
}

func TestDeletionDuringALivenessRunCountsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{start: time.Now()}
		r := Start(t.Context(), Options{
			Kind:  Liveness,
			Probe: execProbe(v1.Probe{PeriodSeconds: 1, TimeoutSeconds: 10, FailureThreshold: 1}),
			Target: Target{Container: &v1.Container{}, Execer: execFunc(func(context.Context, []string) ([]byte, int, error) {
				time.Sleep(3 * time.Second)
				return nil, 1, nil
			})},
			StartedAt: rec.start, Started: true,
			Report: rec.report,
		})
		time.Sleep(2 * time.Second)
		r.MarkTerminating()
		time.Sleep(10 * time.Second)
		r.Stop()
		if diff := cmp.Diff("4:failure>success", strings.Join(rec.out, " ")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnErrorIsTriedThreeTimesAndChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		rec := &recorder{start: time.Now()}
		r := Start(t.Context(), Options{
			Kind:  Readiness,
			Probe: execProbe(v1.Probe{PeriodSeconds: 60}),
			Target: Target{Container: &v1.Container{}, Execer: execFunc(func(context.Context, []string) ([]byte, int, error) {
				calls++
				return nil, 0, errors.New("no such container")
			})},
			StartedAt: rec.start.Add(-time.Minute), Started: true, Resume: Passed,
			Report: rec.report,
		})
		time.Sleep(time.Second)
		r.Stop()
		if calls != 3 || strings.Join(rec.out, " ") != "0:unknown>success" {
			t.Errorf("%d calls, %v", calls, rec.out)
		}
	})
}

package simulator

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
)

func TestPodLivesIsEnteredAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	pod := w.wait("web", "condition=Ready")
	if pod.Status.Phase != v1.PodRunning {
		t.Errorf("phase %q", pod.Status.Phase)
	}
	var log bytes.Buffer
	if err := w.Logs(t.Context(), "", "web", LogOptions{Container: "a", LimitBytes: ptr.To[int64](8)}, &log); err != nil {
		t.Error(err)
	}
	if log.String() != "hello\nmo" {
		t.Errorf("log %q", log.String())
	}
	var out bytes.Buffer
	code, err := w.Exec(t.Context(), "", "web", ExecOptions{Command: []string{"sh", "-c", "echo in; exit 3"}, Stdout: &out})
	if err != nil || code != 3 || out.String() != "in\n" {
		t.Errorf("exec: %q %d %v", out.String(), code, err)
	}
	if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{Wait: true, Grace: ptr.To[int64](1)}); err != nil {
		t.Fatal(err)
	}
	if left, _ := w.engine.ListContainers(t.Context(), runtime.Filter{}); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	events, err := w.Events(t.Context(), EventOptions{For: &Ref{Kind: Pods, Name: "web"}})
	if err != nil || len(events) < 4 {
		t.Errorf("events after the end: %d %v", len(events), err)
	}
}

func TestDeleteWithoutOwnerDoesTheWorkItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	stop()
	for _, o := range []DeleteOptions{{Wait: true, Grace: ptr.To[int64](1)}, {Force: true}} {
		if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, o); err != nil {
			t.Fatal(err)
		}
		if left, _ := w.engine.ListContainers(t.Context(), runtime.Filter{}); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		w.make(servePod)
	}
}

func TestForcedDeletionOfNothingIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []Kind{Pods, Configs, Secrets, Claims, Volumes} {
		err := w.Delete(t.Context(), Ref{Kind: kind, Name: "x"}, DeleteOptions{Force: true, Wait: true})
		if want := kind.Resource() + ` "x" not found`; !apierrors.IsNotFound(err) || err.Error() != want {
			t.Errorf("%s: %v, want %s", kind, err, want)
		}
	}
}

func TestGraceIsThePodsAndOnlyEverShortened(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	second := func(n int) *metav1.Time {
		at := metav1.NewTime(now.Truncate(time.Second).Add(time.Duration(n) * time.Second))
		return &at
	}
	for _, test := range []struct {
		name  string
		pod   func(*v1.Pod)
		o     DeleteOptions
		at    *metav1.Time
		grace int64
	}{
		{"the pod's own", func(*v1.Pod) {}, DeleteOptions{}, second(30), 30},
		{"as asked", func(*v1.Pod) {}, DeleteOptions{Grace: ptr.To[int64](7)}, second(7), 7},
		{"zero without force is one", func(*v1.Pod) {}, DeleteOptions{Grace: ptr.To[int64](0)}, second(1), 1},
		{"negative is one", func(*v1.Pod) {}, DeleteOptions{Grace: ptr.To[int64](-3)}, second(1), 1},
		{"force is zero", func(*v1.Pod) {}, DeleteOptions{Force: true}, second(0), 0},
		{"an ended pod needs none", func(p *v1.Pod) { p.Status.Phase = v1.PodFailed }, DeleteOptions{}, second(0), 0},
		{"again without a grace changes nothing", deleting(second(20), 30), DeleteOptions{}, second(20), 30},
		{"longer changes nothing", deleting(second(20), 30), DeleteOptions{Grace: ptr.To[int64](40)}, second(20), 30},
		{"shorter counts from the first asking", deleting(second(20), 30), DeleteOptions{Grace: ptr.To[int64](5)}, second(-5), 5},
		{"force after a graceful one", deleting(second(20), 30), DeleteOptions{Force: true}, second(-10), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &v1.Pod{Spec: v1.PodSpec{TerminationGracePeriodSeconds: ptr.To[int64](30)}}
			test.pod(p)
			askDeletion(p, test.o, now)
			if !p.DeletionTimestamp.Equal(test.at) || *p.DeletionGracePeriodSeconds != test.grace {
				t.Errorf("got %v %d, want %v %d", p.DeletionTimestamp, *p.DeletionGracePeriodSeconds, test.at, test.grace)
			}
		})
	}
}

func deleting(at *metav1.Time, grace int64) func(*v1.Pod) {
	return func(p *v1.Pod) { p.DeletionTimestamp, p.DeletionGracePeriodSeconds = at, &grace }
}

func TestApplyDoesWhatAServerAllows(t *testing.T) {
	t.Parallel()
	const base = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"1","b":"2"}},"spec":{"containers":[{"name":"c","image":"app:1"}]}}`
	for _, test := range []struct {
		name, manifest string
		op             ApplyOp
		err            string
		check          func(*v1.Pod) bool
	}{
		{"the same again", base, Unchanged, "", func(p *v1.Pod) bool { return p.Generation == 1 }},
		{
			"a label goes with its line", strings.Replace(base, `,"b":"2"`, "", 1), Configured, "",
			func(p *v1.Pod) bool { return cmp.Equal(p.Labels, map[string]string{"a": "1", "own": "x"}) },
		},
		{
			"an image", strings.Replace(base, "app:1", "app:2", 1), Configured, "",
			func(p *v1.Pod) bool { return p.Spec.Containers[0].Image == "app:2" && p.Generation == 2 },
		},
		{
			"a command is refused", strings.Replace(base, `"image"`, `"command":["x"],"image"`, 1), "",
			"spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`", nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if got := w.apply(base); got.Op != Created {
				t.Fatalf("first apply: %v", got)
			}
			if _, _, err := w.Label(t.Context(), Ref{Kind: Pods, Name: "p"}, MetaChange{Set: map[string]string{"own": "x"}}); err != nil {
				t.Fatal(err)
			}
			d := decodeAll(t, test.manifest)
			got, err := w.Apply(t.Context(), d.Objects[0], d.Raw(d.Objects[0]), ApplyOptions{})
			if test.err != "" {
				if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || got.Op != test.op || len(got.Warnings) != 0 {
				t.Errorf("got %v %v %v", got.Op, got.Warnings, err)
			}
			if p, _ := w.Pod(t.Context(), "", "p"); !test.check(p) {
				t.Errorf("pod is %+v", p)
			}
		})
	}
}

func (w *world) apply(manifest string) ApplyResult {
	w.t.Helper()
	d := decodeAll(w.t, manifest)
	got, err := w.Apply(w.t.Context(), d.Objects[0], d.Raw(d.Objects[0]), ApplyOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestApplyOfWhatWasCreatedWarnsOnceAndRemembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	first, second := w.apply(servePod), w.apply(servePod)
	want := "resource pods/web is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply." +
		" kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply." +
		" The missing annotation will be patched automatically."
	if first.Op != Configured || len(first.Warnings) != 1 || first.Warnings[0] != want {
		t.Errorf("first: %v %v", first.Op, first.Warnings)
	}
	if second.Op != Unchanged || len(second.Warnings) != 0 {
		t.Errorf("second: %v %v", second.Op, second.Warnings)
	}
	p, err := w.Pod(t.Context(), "", "web")
	if err != nil {
		t.Fatal(err)
	}
	if last := p.Annotations[v1.LastAppliedConfigAnnotation]; !strings.HasPrefix(last, `{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{},"labels":{"app":"web"},"name":"web","namespace":"default"},"spec":{"containers":[{"command":`) || !strings.HasSuffix(last, "}\n") {
		t.Errorf("annotation %q", last)
	}
}

func TestApplyOfWhatIsBeingDeletedWarns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(servePod)
	if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"Detected changes to resource web which is currently being deleted."}
	if got := w.apply(servePod); got.Op != Unchanged || !slices.Equal(got.Warnings, want) {
		t.Errorf("%v %q", got.Op, got.Warnings)
	}
}

func TestApplyMadeInGoIsUnchangedTheSecondTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, want := range []ApplyOp{Created, Unchanged} {
		o := decodeAll(t, servePod).Objects[0] // with another random volume name each time
		got, err := w.Apply(t.Context(), o, nil, ApplyOptions{})
		if err != nil || got.Op != want {
			t.Errorf("got %v %v, want %v", got.Op, err, want)
		}
	}
}

func TestPatchOfEachKind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind types.PatchType
		data string
	}{
		{types.JSONPatchType, `[{"op":"replace","path":"/spec/containers/0/image","value":"app:2"}]`},
		{types.MergePatchType, `{"metadata":{"labels":{"app":null,"x":"y"}}}`},
		{types.StrategicMergePatchType, `{"spec":{"containers":[{"name":"b","image":"app:2"}]}}`},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.make(servePod)
			ref := Ref{Kind: Pods, Name: "web"}
			for _, want := range []bool{true, false} {
				o, changed, err := w.Patch(t.Context(), ref, test.kind, []byte(test.data), PatchOptions{})
				if test.kind == types.JSONPatchType && err == nil {
					changed = changed == want && o.(*v1.Pod).Spec.Containers[0].Image == "app:2"
					want = true
				}
				if err != nil || changed != want {
					t.Errorf("changed %v, want %v, %v", changed, want, err)
				}
			}
			if _, _, err := w.Patch(t.Context(), ref, test.kind, []byte(`{`), PatchOptions{}); !apierrors.IsBadRequest(err) {
				t.Errorf("nonsense: %v", err)
			}
		})
	}
}

func TestLabelKeepsWhatIsThereWithoutOverwrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	ref := Ref{Kind: Pods, Name: "web"}
	_, _, err := w.Label(t.Context(), ref, MetaChange{Set: map[string]string{"app": "other"}})
	if err == nil || err.Error() != "'app' already has a value (web), and --overwrite is false" {
		t.Errorf("got %v", err)
	}
	o, changed, err := w.Label(t.Context(), ref, MetaChange{Set: map[string]string{"app": "other"}, Overwrite: true, Remove: []string{"none"}})
	if err != nil || !changed || o.GetLabels()["app"] != "other" {
		t.Errorf("overwritten: %v %v %v", o, changed, err)
	}
	if _, changed, _ = w.Label(t.Context(), ref, MetaChange{Set: map[string]string{"app": "other"}}); changed {
		t.Error("the same again is a change")
	}
}

func TestListSelectsAndRefusesUnknownFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	for _, test := range []struct {
		o    ListOptions
		want int
		err  string
	}{
		{ListOptions{}, 1, ""},
		{ListOptions{Namespace: "other"}, 0, ""},
		{ListOptions{AllNamespaces: true, Labels: "app in (web,db)"}, 1, ""},
		{ListOptions{Labels: "app!=web"}, 0, ""},
		{ListOptions{Fields: "status.phase=Pending,metadata.name=web"}, 1, ""},
		{ListOptions{Fields: "status.phase!=Pending"}, 0, ""},
		{ListOptions{Fields: "spec.x=1"}, 0, `Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.x=1": field label not supported: spec.x`},
	} {
		got, err := w.List(t.Context(), Pods, test.o)
		if len(got) != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%+v: %d %v", test.o, len(got), err)
		}
	}
}

func TestWatchTellsTheLifeOfASelectedPod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.make(servePod)
	events, err := w.Watch(ctx, Pods, ListOptions{Labels: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(op WatchOp) {
		t.Helper()
		select {
		case e := <-events:
			if e.Op != op || e.Object.GetName() != "web" {
				t.Fatalf("got %s %s, want %s", e.Op, e.Object.GetName(), op)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no %s", op)
		}
	}
	ref := Ref{Kind: Pods, Name: "web"}
	label := func(value string) {
		if _, _, err := w.Label(ctx, ref, MetaChange{Set: map[string]string{"app": value}, Overwrite: true}); err != nil {
			t.Fatal(err)
		}
	}
	expect(Added)
	label("db")
	expect(Deleted)
	label("web")
	expect(Added)
	if _, _, err := w.Annotate(ctx, ref, MetaChange{Set: map[string]string{"x": "y"}}); err != nil {
		t.Fatal(err)
	}
	expect(Modified)
}

func TestCreateTellsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: v1.PodSpec{Containers: []v1.Container{{Name: "A"}, {Name: "b", Image: "i"}}}}
	_, err := w.Create(t.Context(), pod, CreateOptions{})
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "spec.containers[0].name") || !strings.Contains(err.Error(), "spec.containers[0].image: Required value") {
		t.Errorf("got %v", err)
	}
	if pod.Namespace != "" {
		t.Error("the caller's object was changed")
	}
}

func TestCreateDrawsANameAgainWhenItIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := map[string]bool{}
	for range 20 {
		o, err := w.Create(t.Context(), &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "p-"},
			Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "app:1"}}},
		}, CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		names[o.GetName()] = true
	}
	if len(names) != 20 {
		t.Errorf("names %v", names)
	}
}

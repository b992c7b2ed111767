package node

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	"github.com/podsim/podsim/simulator/internal/manifest"
)

// scripts draws any story.
var scripts = rapid.Custom(drawScript)

func drawScript(t *rapid.T) script {
	s := script{
		Lives: map[string][]life{}, Pulls: map[string]pull{},
		Seed:  rapid.Uint64().Draw(t, "seed"),
		Grace: drawGrace(t),
	}
	p := drawPod(t)
	s.Pod = p
	for _, c := range s.containers() {
		for range rapid.IntRange(1, 3).Draw(t, "lives") {
			s.Lives[c.Name] = append(s.Lives[c.Name], drawLife(t, &c, s.isInit(c.Name) && !s.isSidecar(c.Name)))
		}
		if c.Image != imageThere {
			s.Pulls[c.Image] = pull{Fails: max(0, rapid.IntRange(-3, 3).Draw(t, "fails")), Takes: drawSpan(t, 20_000)}
		}
	}
	for range max(0, rapid.IntRange(-1, 4).Draw(t, "steps")) {
		s.Steps = append(s.Steps, drawStep(t, s))
	}
	slices.SortStableFunc(s.Steps, func(a, b step) int { return int(a.At - b.At) })
	s.Settle = rapid.SampledFrom([]time.Duration{50 * time.Second, 50 * time.Second, 90 * time.Second, 400 * time.Second}).Draw(t, "settle")
	return s
}

// The images of the pods: one that the engine has, and those it must pull.
const (
	imageThere = "app:1"
	imageAfter = "app:2" // what imageChanges asks for; the engine has it too
)

func drawPod(t *rapid.T) *v1.Pod {
	p := &v1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
	p.Name = podName
	spec := &p.Spec
	spec.RestartPolicy = rapid.SampledFrom([]v1.RestartPolicy{"Always", "OnFailure", "Never"}).Draw(t, "policy")
	spec.TerminationGracePeriodSeconds = ptr.To(drawGrace(t))
	if rare(t, 8, "deadline") {
		spec.ActiveDeadlineSeconds = ptr.To(rapid.Int64Range(1, 60).Draw(t, "seconds"))
	}
	inits := rapid.IntRange(0, 2).Draw(t, "init containers")
	sidecars := rapid.IntRange(0, 2).Draw(t, "sidecars")
	for n := range inits + sidecars {
		sidecar := sidecars > 0 && (inits == 0 || rapid.Bool().Draw(t, "sidecar"))
		c := drawContainer(t, fmt.Sprintf("i%d", n), sidecar)
		if sidecar {
			sidecars--
			c.Name = fmt.Sprintf("s%d", n)
			c.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
		} else {
			inits--
		}
		spec.InitContainers = append(spec.InitContainers, c)
	}
	for n := range rapid.IntRange(1, 3).Draw(t, "containers") {
		c := drawContainer(t, fmt.Sprintf("c%d", n), true)
		if rare(t, 5, "own policy") {
			c.RestartPolicy = ptr.To(rapid.SampledFrom([]v1.ContainerRestartPolicy{"Always", "OnFailure", "Never"}).Draw(t, "policy"))
			c.RestartPolicyRules = drawRules(t)
		}
		spec.Containers = append(spec.Containers, c)
	}
	if rapid.Bool().Draw(t, "volume") {
		spec.Volumes = []v1.Volume{{Name: "cache", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}}
		spec.Containers[0].VolumeMounts = []v1.VolumeMount{{Name: "cache", MountPath: "/cache"}}
	}
	return completed(p)
}

// completed is the pod as an API server would store it.
func completed(p *v1.Pod) *v1.Pod {
	text, err := json.Marshal(p)
	if err == nil {
		p, err = decode(text)
	}
	if err != nil {
		panic(err)
	}
	return p
}

func decode(text []byte) (*v1.Pod, error) {
	res, err := manifest.Decode(text, manifest.Options{DefaultNamespace: "default"})
	if err != nil {
		return nil, err
	}
	if len(res.Objects) != 1 {
		return nil, fmt.Errorf("%d objects", len(res.Objects))
	}
	p := res.Objects[0].(*v1.Pod)
	p.UID = types.UID("uid-" + p.Name)
	p.Generation, p.ResourceVersion, p.Spec.NodeName = 1, "1", "node"
	return p, nil
}

// rare is true once in n draws.
func rare(t *rapid.T, n int, what string) bool { return rapid.IntRange(1, n).Draw(t, what) == n }

func drawGrace(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{30, 0, 1, 2, 5, 12}).Draw(t, "grace")
}

// drawSpan is a time of at most so many milliseconds, short and long ones
// alike: numbers drawn from a range are mostly small.
func drawSpan(t *rapid.T, most int) time.Duration {
	scales := []int{1, 10, 100, 400, 1000, 3000, 8000, 20_000, 60_000}
	n, _ := slices.BinarySearch(scales, most)
	from := append([]int{0}, scales[:n]...)
	to := append(slices.Clone(scales[:n]), most)
	n = rapid.SampledFrom(count(n+1)).Draw(t, "scale")
	return time.Duration(rapid.IntRange(from[n], to[n]).Draw(t, "ms")) * time.Millisecond
}

// count is 0, 1, ... n-1.
func count(n int) []int {
	var list []int
	for i := range n {
		list = append(list, i)
	}
	return list
}

func drawContainer(t *rapid.T, name string, probed bool) v1.Container {
	c := v1.Container{Name: name, Image: imageThere, Command: []string{name}}
	if rare(t, 6, "image to pull") {
		c.Image = name + ":9"
		c.ImagePullPolicy = rapid.SampledFrom([]v1.PullPolicy{"IfNotPresent", "Always", "Never"}).Draw(t, "pull policy")
	}
	hook := func(what string) *v1.LifecycleHandler {
		if rare(t, 3, what+" sleeps") {
			return &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: rapid.Int64Range(1, 12).Draw(t, "seconds")}}
		}
		return &v1.LifecycleHandler{Exec: &v1.ExecAction{Command: []string{what}}}
	}
	if !probed { // init containers that run to their end have neither probes nor hooks
		return c
	}
	l := &v1.Lifecycle{}
	if rare(t, 5, "postStart") {
		l.PostStart = hook("postStart")
	}
	if rare(t, 3, "preStop") {
		l.PreStop = hook("preStop")
	}
	if *l != (v1.Lifecycle{}) {
		c.Lifecycle = l
	}
	if rare(t, 4, "startup") {
		c.StartupProbe = drawProbe(t, "startup")
	}
	if rare(t, 4, "liveness") {
		c.LivenessProbe = drawProbe(t, "liveness")
	}
	if rare(t, 4, "readiness") {
		c.ReadinessProbe = drawProbe(t, "readiness")
	}
	return c
}

func drawProbe(t *rapid.T, name string) *v1.Probe {
	p := &v1.Probe{
		ProbeHandler:        v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{name}}},
		InitialDelaySeconds: max(0, rapid.Int32Range(-5, 5).Draw(t, "delay")),
		PeriodSeconds:       rapid.Int32Range(2, 15).Draw(t, "period"),
		FailureThreshold:    rapid.Int32Range(1, 3).Draw(t, "failures"),
	}
	if name != "readiness" && rare(t, 4, "own grace") {
		p.TerminationGracePeriodSeconds = ptr.To(rapid.Int64Range(1, 20).Draw(t, "grace"))
	}
	return p
}

func drawRules(t *rapid.T) []v1.ContainerRestartRule {
	if rapid.Bool().Draw(t, "no rule") {
		return nil
	}
	return []v1.ContainerRestartRule{{
		Action: v1.ContainerRestartRuleActionRestart,
		ExitCodes: &v1.ContainerRestartRuleOnExitCodes{
			Operator: rapid.SampledFrom([]v1.ContainerRestartRuleOnExitCodesOperator{"In", "NotIn"}).Draw(t, "operator"),
			Values:   []int32{rapid.Int32Range(0, 2).Draw(t, "code")},
		},
	}}
}

// drawLife is any life of a container; short ones end by themselves sooner or
// later.
func drawLife(t *rapid.T, c *v1.Container, short bool) life {
	l := life{Life: forever, Code: max(0, rapid.IntRange(-1, 2).Draw(t, "code"))}
	if short || rapid.Bool().Draw(t, "ends") {
		l.Life = drawSpan(t, rapid.SampledFrom([]int{10, 2000, 30_000}).Draw(t, "life"))
	}
	if rare(t, 40, "very long") {
		l.Life = 11 * time.Minute
	}
	l.Broken = rare(t, 14, "broken")
	l.OOM = rare(t, 14, "oom")
	l.Term, l.TermCode = drawSpan(t, rapid.SampledFrom([]int{1, 2000, 20_000}).Draw(t, "term")), max(0, rapid.IntRange(-1, 2).Draw(t, "code"))
	if rare(t, 5, "deaf") {
		l.Term = forever
	}
	if c.StartupProbe != nil {
		l.Up = drawSpan(t, 30_000)
	}
	if c.LivenessProbe != nil && rapid.Bool().Draw(t, "sick") {
		l.Sick = time.Second + drawSpan(t, 30_000)
	}
	if c.ReadinessProbe != nil && rapid.Bool().Draw(t, "flaps") {
		l.Flap = time.Second + drawSpan(t, 20_000)
	}
	if c.Lifecycle != nil {
		l.PostStart, l.PreStop = drawSpan(t, 8000), drawSpan(t, rapid.SampledFrom([]int{1000, 40_000}).Draw(t, "preStop"))
		l.PostStartCode = max(0, rapid.IntRange(-3, 1).Draw(t, "code"))
		l.PreStopCode = max(0, rapid.IntRange(-3, 1).Draw(t, "code"))
	}
	return l
}

// drawStep is anything that may befall a pod.
func drawStep(t *rapid.T, s script) step {
	st := step{
		What: rapid.SampledFrom([]befall{
			callsFail, callsFail, callsSlow, eventsLost, writesFail, sandboxDies, sandboxGoes, pruned,
			killed, removed, engineCrashes, nodeDies, nodeDies, imageChanges, deleted,
		}).Draw(t, "what"),
		At: drawSpan(t, rapid.SampledFrom([]int{500, 5000, 90_000}).Draw(t, "when")),
	}
	switch st.What {
	case callsFail:
		st.Rate, st.Late = rapid.SampledFrom([]int{10, 50, 100}).Draw(t, "rate"), rapid.Bool().Draw(t, "late")
		st.For = drawSpan(t, 10_000)
	case callsSlow, eventsLost, writesFail:
		st.Rate = rapid.SampledFrom([]int{30, 100}).Draw(t, "rate")
		st.For = drawSpan(t, 30_000)
	case engineCrashes:
		st.Live = rapid.Bool().Draw(t, "live")
		st.For = drawSpan(t, 20_000)
	case nodeDies:
		st.For = drawSpan(t, rapid.SampledFrom([]int{1, 20_000}).Draw(t, "down"))
	case killed, removed, imageChanges:
		st.Who = rapid.SampledFrom(s.containers()).Draw(t, "who").Name
	case deleted:
		st.Grace = drawGrace(t)
	}
	return st
}

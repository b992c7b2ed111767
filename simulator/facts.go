package simulator

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/diagnose"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// How much of a log is read for a diagnosis.
const (
	factLines    = 40
	factLineSize = 400
)

// facts gathers what a diagnosis is made from.
func (s *Simulator) facts(ctx context.Context, pod *v1.Pod) diagnose.Facts {
	pod = s.withImages(ctx, pod)
	f := diagnose.Facts{
		Now: time.Now(), Pod: pod, Arch: s.info.Arch, Containers: map[string]diagnose.Container{},
		PortHolder: lifecycle.PortHolder(pod, s.allPods),
		Unowned:    s.store.Owner(string(pod.UID)) == 0, Objects: s.objectNames(pod.Namespace),
	}
	events, _ := s.Events(ctx, EventOptions{Namespace: pod.Namespace, For: &Ref{Kind: Pods, Name: pod.Name}})
	f.Events = slices.DeleteFunc(events, func(e v1.Event) bool { return e.InvolvedObject.UID != "" && e.InvolvedObject.UID != pod.UID })
	s.containerFacts(ctx, pod, f.Containers)
	s.answer(ctx, pod, diagnose.Ask(f), &f)
	return f
}

// withImages is a pod with the images that it runs, which the user may have
// chosen in place of its own.
func (s *Simulator) withImages(ctx context.Context, pod *v1.Pod) *v1.Pod {
	info, err := s.PodInfo(ctx, pod.Namespace, pod.Name)
	if err != nil || len(info.Options.Images) == 0 {
		return pod
	}
	pod = pod.DeepCopy()
	for name, image := range info.Options.Images {
		if c := findContainer(pod, name); c != nil {
			c.Image = image
		}
	}
	return pod
}

// objectNames are the names and keys of what pods of a namespace may name.
func (s *Simulator) objectNames(ns string) diagnose.Objects {
	o := diagnose.Objects{ConfigMaps: map[string][]string{}, Secrets: map[string][]string{}, Known: true}
	for _, kind := range []Kind{Configs, Secrets, Claims} {
		list, err := s.listAll(kind, ns)
		o.Known = o.Known && err == nil
		for _, obj := range list {
			switch obj := obj.(type) {
			case *v1.ConfigMap:
				o.ConfigMaps[obj.Name] = keysOf(obj.Data, obj.BinaryData)
			case *v1.Secret:
				o.Secrets[obj.Name] = keysOf(obj.Data, obj.StringData)
			case *v1.PersistentVolumeClaim:
				o.Claims = append(o.Claims, obj.Name)
			}
		}
	}
	return o
}

// keysOf are the keys of two maps, sorted.
func keysOf[A, B any](a map[string]A, b map[string]B) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// containerFacts reads the logs and more of the containers that are concerned,
// and how much the limits of those that run matter.
func (s *Simulator) containerFacts(ctx context.Context, pod *v1.Pod, out map[string]diagnose.Container) {
	var mu sync.Mutex
	group := errgroup.Group{}
	group.SetLimit(8)
	concerned := diagnose.Concerned(pod)
	for _, name := range ContainerNames(pod) {
		spec, status := findContainer(pod, name), containerStatus(pod, name)
		if spec == nil || status == nil {
			continue
		}
		group.Go(func() error {
			var c diagnose.Container
			if slices.Contains(concerned, name) {
				c = s.troubled(ctx, spec, status)
			}
			if _, limited := spec.Resources.Limits[v1.ResourceCPU]; status.State.Running != nil && (limited || slices.Contains(concerned, name)) {
				if stats, err := s.engine.Stats(ctx, runtime.ContainerID(bareID(status.ContainerID))); err == nil {
					c.MemoryPeak, c.Throttled = stats.MemoryPeak, stats.Throttled
				}
			}
			if status.State.Running != nil {
				rc, err := s.engine.Container(ctx, runtime.ContainerID(bareID(status.ContainerID)))
				c.Gone = pod.DeletionTimestamp != nil && err == nil && rc.State != runtime.StateRunning
				c.Paused = rc.Paused
			}
			mu.Lock()
			defer mu.Unlock()
			out[name] = c
			return nil
		})
	}
	_ = group.Wait() // what could not be read is left out
}

// troubled reads the logs and the image of a container.
func (s *Simulator) troubled(ctx context.Context, spec *v1.Container, status *v1.ContainerStatus) diagnose.Container {
	var c diagnose.Container
	if status.State.Running != nil {
		c.Running = s.lastLines(ctx, status.ContainerID)
	}
	if t := status.State.Terminated; t != nil {
		c.Ended = s.lastLines(ctx, t.ContainerID)
	} else if t := status.LastTerminationState.Terminated; t != nil {
		c.Ended = s.lastLines(ctx, t.ContainerID)
	}
	ref := status.Image
	if ref == "" {
		ref = spec.Image
	}
	if image, err := s.engine.Image(ctx, ref); err == nil {
		c.ImageUser, c.ImageArch = image.User, image.Arch
		c.ImageEntrypoint, c.ImageCmd = image.Entrypoint, image.Cmd
	}
	return c
}

// lastLines are the last lines of an instance's log, none if there is no log.
func (s *Simulator) lastLines(ctx context.Context, id string) []string {
	if bareID(id) == "" {
		return nil
	}
	var b bytes.Buffer
	err := s.engine.Logs(ctx, runtime.ContainerID(bareID(id)), runtime.LogOptions{Tail: factLines}, &b, &b)
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, printable(line[:min(len(line), factLineSize)]))
	}
	return lines
}

// escapes are what a program writes to colour a terminal.
var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// printable is a line without what a terminal would obey.
func printable(line string) string {
	line = escapes.ReplaceAllString(strings.ToValidUTF8(line, "?"), "")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, line)
}

// answer looks at what the questions ask for.
func (s *Simulator) answer(ctx context.Context, pod *v1.Pod, q diagnose.Questions, f *diagnose.Facts) {
	if !q.Sockets && len(q.Files) == 0 && len(q.Targets) == 0 {
		return
	}
	look, err := s.newLook(ctx, pod)
	if err != nil {
		return
	}
	defer look.close()
	var group errgroup.Group
	if q.Sockets {
		group.Go(func() error {
			sockets, holders, err := look.sockets(ctx)
			f.Sockets, f.SocketsSeen, f.WithHolders = sockets, err == nil, holders
			return nil
		})
	}
	if len(q.Files) > 0 {
		group.Go(func() error {
			f.Files = look.files(ctx, q.Files)
			return nil
		})
	}
	if len(q.Targets) > 0 {
		group.Go(func() error {
			f.Reached = look.reach(ctx, q.Targets)
			return nil
		})
	}
	_ = group.Wait()
}

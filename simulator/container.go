package simulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/runtime"
)

// defaultContainer is the annotation that names the container commands mean.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// Choice is the container a command is about.
type Choice struct {
	Name string
	// Notice is kubectl's line for stderr when the choice was its own:
	// `Defaulted container "a" out of: a, b, i (init)`. Else "".
	Notice string
}

// ChooseContainer finds the container that a command means: the named one of
// any type, else the one of the annotation
// kubectl.kubernetes.io/default-container, else the first.
func ChooseContainer(pod *v1.Pod, name string) (Choice, error) {
	if name != "" {
		if findContainer(pod, name) == nil {
			return Choice{}, notValid(pod, name)
		}
		return Choice{Name: name}, nil
	}
	if len(pod.Spec.Containers) == 0 {
		return Choice{}, fmt.Errorf("pod %s/%s does not have any containers", pod.Namespace, pod.Name)
	}
	if name := pod.Annotations[defaultContainer]; name != "" && findContainer(pod, name) != nil {
		return Choice{Name: name}, nil
	}
	c := Choice{Name: pod.Spec.Containers[0].Name}
	if all := listedNames(pod); len(all) > 1 {
		c.Notice = fmt.Sprintf("Defaulted container %q out of: %s", c.Name, strings.Join(all, ", "))
	}
	return c, nil
}

// notValid is the API server's answer for a container that the pod has not.
func notValid(pod *v1.Pod, container string) error {
	return apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", container, pod.Name))
}

// listedNames names all containers as kubectl lists them.
func listedNames(pod *v1.Pod) []string {
	var out []string
	for i := range pod.Spec.Containers {
		out = append(out, pod.Spec.Containers[i].Name)
	}
	for i := range pod.Spec.EphemeralContainers {
		out = append(out, pod.Spec.EphemeralContainers[i].Name+" (ephem)")
	}
	for i := range pod.Spec.InitContainers {
		out = append(out, pod.Spec.InitContainers[i].Name+" (init)")
	}
	return out
}

// findContainer is the container of a name, of whichever type.
func findContainer(pod *v1.Pod, name string) *v1.Container {
	for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	for i := range pod.Spec.EphemeralContainers {
		if c := &pod.Spec.EphemeralContainers[i]; c.Name == name {
			return (*v1.Container)(&c.EphemeralContainerCommon)
		}
	}
	return nil
}

// containerStatus is what the pod's status says of a container.
func containerStatus(pod *v1.Pod, name string) *v1.ContainerStatus {
	st := &pod.Status
	for _, list := range [][]v1.ContainerStatus{st.InitContainerStatuses, st.ContainerStatuses, st.EphemeralContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// instances are the engine's containers of one container of the pod (the
// sandboxes for ""), the newest attempt first.
func (s *Simulator) instances(ctx context.Context, pod *v1.Pod, container string) ([]runtime.Container, error) {
	all, err := s.engine.ListContainers(ctx, runtime.Filter{Home: s.store.Home(), PodUID: string(pod.UID)})
	if err != nil {
		return nil, err
	}
	var out []runtime.Container
	for _, c := range all {
		kind := c.Meta.Kind
		if c.Meta.Container != container || kind == runtime.KindHelper || (container == "") != (kind == runtime.KindSandbox) {
			continue
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b runtime.Container) int { return cmp.Compare(b.Meta.Attempt, a.Meta.Attempt) })
	return out, nil
}

// running is the running instance of a container.
func (s *Simulator) running(ctx context.Context, pod *v1.Pod, container string) (runtime.Container, error) {
	all, err := s.instances(ctx, pod, container)
	if err != nil {
		return runtime.Container{}, err
	}
	for _, c := range all {
		if c.State == runtime.StateRunning {
			return c, nil
		}
	}
	return runtime.Container{}, notFound(container)
}

// notFound is what kubectl prints when the kubelet has no running container of
// the name.
func notFound(container string) error {
	return fmt.Errorf("Internal error occurred: unable to upgrade connection: container not found (%q)", container) //nolint:staticcheck // kubectl's text
}

// completed is kubectl's refusal to enter a pod that has ended; nil for others.
func completed(pod *v1.Pod, doing string) error {
	if Ended(pod) {
		return errors.New("cannot " + doing + " a container in a completed pod; current phase is " + string(pod.Status.Phase))
	}
	return nil
}

package manifest

import (
	"strconv"

	"github.com/distribution/reference"
	v1 "k8s.io/api/core/v1"
)

func fieldOf(parent, list string, index int, field string) string {
	return parent + "." + list + "[" + strconv.Itoa(index) + "]." + field
}

func defaultContainer(c *v1.Container, hostNetwork bool) {
	setIfZero(&c.ImagePullPolicy, defaultPullPolicy(c.Image))
	setIfZero(&c.TerminationMessagePath, v1.TerminationMessagePathDefault)
	setIfZero(&c.TerminationMessagePolicy, v1.TerminationMessageReadFile)
	for i := range c.Ports {
		port := &c.Ports[i]
		setIfZero(&port.Protocol, v1.ProtocolTCP)
		if hostNetwork {
			setIfZero(&port.HostPort, port.ContainerPort)
		}
	}
	for i := range c.Env {
		defaultEnv(&c.Env[i])
	}
	roundUp(c.Resources.Limits)
	roundUp(c.Resources.Requests)
	defaultRequests(&c.Resources)
	for _, probe := range []*v1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		defaultProbe(probe)
	}
	if c.Lifecycle != nil {
		defaultHook(c.Lifecycle.PostStart)
		defaultHook(c.Lifecycle.PreStop)
	}
}

// defaultPullPolicy is Always for the tag latest, written or implied, and IfNotPresent for everything else, including
// references that cannot be parsed.
func defaultPullPolicy(image string) v1.PullPolicy {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return v1.PullIfNotPresent
	}
	tagged, hasTag := named.(reference.Tagged)
	_, hasDigest := named.(reference.Digested)
	if hasTag && tagged.Tag() == "latest" || !hasTag && !hasDigest {
		return v1.PullAlways
	}
	return v1.PullIfNotPresent
}

func defaultEnv(env *v1.EnvVar) {
	from := env.ValueFrom
	if from == nil {
		return
	}
	if from.FieldRef != nil {
		setIfZero(&from.FieldRef.APIVersion, "v1")
	}
	if from.FileKeyRef != nil {
		setIfNil(&from.FileKeyRef.Optional, false)
	}
}

// defaultRequests makes a request of every limit that has none.
func defaultRequests(r *v1.ResourceRequirements) {
	if r.Limits != nil && r.Requests == nil {
		r.Requests = v1.ResourceList{}
	}
	for name, limit := range r.Limits {
		if _, ok := r.Requests[name]; !ok {
			r.Requests[name] = limit.DeepCopy()
		}
	}
}

// roundUp brings quantities to the smallest unit the API keeps, a thousandth.
func roundUp(list v1.ResourceList) {
	const milli = -3
	for name, quantity := range list {
		quantity.RoundUp(milli)
		list[name] = quantity
	}
}

func defaultProbe(p *v1.Probe) {
	if p == nil {
		return
	}
	setIfZero(&p.TimeoutSeconds, 1)
	setIfZero(&p.PeriodSeconds, 10)
	setIfZero(&p.SuccessThreshold, 1)
	setIfZero(&p.FailureThreshold, 3)
	defaultHTTPGet(p.HTTPGet)
	if p.GRPC != nil {
		setIfNil(&p.GRPC.Service, "")
	}
}

func defaultHook(h *v1.LifecycleHandler) {
	if h != nil {
		defaultHTTPGet(h.HTTPGet)
	}
}

func defaultHTTPGet(get *v1.HTTPGetAction) {
	if get != nil {
		setIfZero(&get.Path, "/")
		setIfZero(&get.Scheme, v1.URISchemeHTTP)
	}
}

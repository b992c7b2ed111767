package validate

import (
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/internal/podspec"
)

// notForInit is why hooks and probes of ordinary init containers are refused.
const notForInit = "may not be set for init containers without restartPolicy=Always"

func (c *podCheck) containers() {
	list := placedIn(c.pod.Spec.Containers, "containers")
	if len(list) == 0 {
		c.required(specPath.Child("containers"), "")
		return
	}
	names := sets.New[string]()
	for _, ctr := range list {
		c.container(ctr)
		if names.Has(ctr.Name) {
			c.duplicate(ctr.at.Child("name"), ctr.Name)
		}
		names.Insert(ctr.Name)
		c.hooksAndProbes(ctr)
		c.containerRestart(ctr)
	}
	c.uniqueHostPorts(list)
}

func (c *podCheck) initContainers() {
	names := sets.New[string]()
	for _, ctr := range c.pod.Spec.Containers {
		names.Insert(ctr.Name)
	}
	for _, ctr := range placedIn(c.pod.Spec.InitContainers, "initContainers") {
		c.container(ctr)
		c.initRestart(ctr)
		if names.Has(ctr.Name) {
			c.duplicate(ctr.at.Child("name"), ctr.Name)
		} else if ctr.Name != "" {
			names.Insert(ctr.Name)
		}
		c.uniqueHostPorts([]placed{ctr})
		if podspec.IsSidecar(ctr.Container) {
			c.hooksAndProbes(ctr)
			continue
		}
		c.forbidIf(ctr.Lifecycle != nil, ctr.at.Child("lifecycle"), notForInit)
		c.forbidIf(ctr.LivenessProbe != nil, ctr.at.Child("livenessProbe"), notForInit)
		c.forbidIf(ctr.ReadinessProbe != nil, ctr.at.Child("readinessProbe"), notForInit)
		c.forbidIf(ctr.StartupProbe != nil, ctr.at.Child("startupProbe"), notForInit)
	}
}

func (f *findings) forbidIf(is bool, at *field.Path, detail string) {
	if is {
		f.forbidden(at, detail)
	}
}

// container checks what containers of all three lists have in common.
func (c *podCheck) container(ctr placed) {
	if ctr.Name == "" {
		c.required(ctr.at.Child("name"), "")
	} else {
		c.label(ctr.at.Child("name"), ctr.Name)
	}
	c.need(ctr.at.Child("image"), ctr.Image)
	oneOfOrRequired(&c.findings, ctr.at.Child("terminationMessagePolicy"), ctr.TerminationMessagePolicy,
		v1.TerminationMessageReadFile, v1.TerminationMessageFallbackToLogsOnError)
	c.ports(ctr)
	c.env(ctr)
	c.envFrom(ctr)
	c.mounts(ctr)
	c.devices(ctr)
	c.pullPolicy(ctr.at.Child("imagePullPolicy"), ctr.ImagePullPolicy)
	c.resources(&ctr.Resources, ctr.at.Child("resources"), containerResourceName)
	c.resizePolicy(ctr)
	c.containerSecurity(ctr)
}

func (c *podCheck) pullPolicy(at *field.Path, policy v1.PullPolicy) {
	oneOfOrRequired(&c.findings, at, policy, v1.PullAlways, v1.PullIfNotPresent, v1.PullNever)
}

// imageBlanks: blanks around an image are allowed in templates, not in pods.
func (c *podCheck) imageBlanks() {
	check := func(list []placed) {
		for _, ctr := range list {
			c.imageBlank(ctr)
		}
	}
	check(placedIn(c.pod.Spec.Containers, "containers"))
	check(placedIn(c.pod.Spec.InitContainers, "initContainers"))
}

func (c *podCheck) imageBlank(ctr placed) {
	if strings.TrimSpace(ctr.Image) != ctr.Image {
		c.invalid(ctr.at.Child("image"), ctr.Image, "must not have leading or trailing whitespace")
	}
}

func (c *podCheck) resizePolicy(ctr placed) {
	at := ctr.at.Child("resizePolicy")
	seen := sets.New[v1.ResourceName]()
	for i, p := range ctr.ResizePolicy {
		if seen.Has(p.ResourceName) {
			c.duplicate(at.Index(i), p.ResourceName)
		}
		seen.Insert(p.ResourceName)
		oneOfOrRequired(&c.findings, at, p.ResourceName, v1.ResourceCPU, v1.ResourceMemory)
		oneOfOrRequired(&c.findings, at, p.RestartPolicy, v1.NotRequired, v1.RestartContainer)
		if c.pod.Spec.RestartPolicy == v1.RestartPolicyNever && p.RestartPolicy != v1.NotRequired {
			c.invalid(at, p.RestartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'")
		}
	}
}

func (c *podCheck) ephemeralContainers() {
	spec := &c.pod.Spec
	if len(spec.EphemeralContainers) == 0 {
		return
	}
	others := sets.New[string]()
	for _, ctr := range slices.Concat(spec.Containers, spec.InitContainers) {
		others.Insert(ctr.Name)
	}
	names := others.Clone()
	for i := range spec.EphemeralContainers {
		ec := &spec.EphemeralContainers[i]
		ctr := placed{(*v1.Container)(&ec.EphemeralContainerCommon), specPath.Child("ephemeralContainers").Index(i)}
		c.container(ctr)
		c.imageBlank(ctr)
		if names.Has(ec.Name) {
			c.duplicate(ctr.at.Child("name"), ec.Name)
		}
		names.Insert(ec.Name)
		if target := ec.TargetContainerName; target != "" && !others.Has(target) {
			c.notFound(ctr.at.Child("targetContainerName"), target)
		}
		c.ephemeralLimits(ctr)
	}
}

// ephemeralLimits: a debug container has no ports, resources, probes, hooks or restarts of its own.
func (c *podCheck) ephemeralLimits(ctr placed) {
	const detail = "cannot be set for an Ephemeral Container"
	c.forbidIf(ctr.Ports != nil, ctr.at.Child("ports"), detail)
	c.forbidIf(ctr.Resources.Limits != nil || ctr.Resources.Requests != nil || ctr.Resources.Claims != nil, ctr.at.Child("resources"), detail)
	c.forbidIf(ctr.ResizePolicy != nil, ctr.at.Child("resizePolicy"), detail)
	c.forbidIf(ctr.RestartPolicy != nil, ctr.at.Child("restartPolicy"), detail)
	c.forbidIf(ctr.RestartPolicyRules != nil, ctr.at.Child("restartPolicyRules"), detail)
	c.forbidIf(ctr.LivenessProbe != nil, ctr.at.Child("livenessProbe"), detail)
	c.forbidIf(ctr.ReadinessProbe != nil, ctr.at.Child("readinessProbe"), detail)
	c.forbidIf(ctr.StartupProbe != nil, ctr.at.Child("startupProbe"), detail)
	c.forbidIf(ctr.Lifecycle != nil, ctr.at.Child("lifecycle"), detail)
	for i, mount := range ctr.VolumeMounts {
		at := ctr.at.Child("volumeMounts").Index(i)
		c.forbidIf(mount.SubPath != "", at.Child("subPath"), detail)
		c.forbidIf(mount.SubPathExpr != "", at.Child("subPathExpr"), detail)
	}
}

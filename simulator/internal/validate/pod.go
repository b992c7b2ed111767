package validate

import (
	"math"
	"slices"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
)

// Pod returns every reason for which the API server would not create a pod; if there is none, the warnings it would give.
func Pod(pod *v1.Pod) (field.ErrorList, []Warning) {
	c := newPodCheck(pod)
	c.metadata()
	c.spec()
	c.onlyAtCreate()
	if len(c.errs) > 0 {
		return c.errs, nil
	}
	return nil, APIWarnings(pod)
}

// podCheck is one look at one pod.
type podCheck struct {
	findings
	pod *v1.Pod
	// volumes holds the sources of those volumes that are in order, by name; claims the names of resource claims.
	volumes map[string]*v1.VolumeSource
	claims  sets.Set[string]
	// hostUsers is false when the pod has a user namespace of its own.
	hostUsers bool
}

func newPodCheck(pod *v1.Pod) *podCheck {
	return &podCheck{
		pod: pod, volumes: map[string]*v1.VolumeSource{}, claims: sets.New[string](),
		hostUsers: ptr.Deref(pod.Spec.HostUsers, true),
	}
}

var specPath = field.NewPath("spec")

func (c *podCheck) spec() {
	spec := &c.pod.Spec
	if spec.TerminationGracePeriodSeconds == nil {
		c.required(specPath.Child("terminationGracePeriodSeconds"), "")
	}
	c.podVolumes()
	c.resourceClaims()
	c.containers()
	c.initContainers()
	c.ephemeralContainers()
	c.podResources()
	c.hostNetworkPorts()
	oneOfOrRequired(&c.findings, specPath.Child("restartPolicy"), spec.RestartPolicy,
		v1.RestartPolicyAlways, v1.RestartPolicyOnFailure, v1.RestartPolicyNever)
	oneOfOrRequired(&c.findings, specPath.Child("dnsPolicy"), spec.DNSPolicy,
		v1.DNSClusterFirstWithHostNet, v1.DNSClusterFirst, v1.DNSDefault, v1.DNSNone)
	c.add(metavalidation.ValidateLabels(spec.NodeSelector, specPath.Child("nodeSelector"))...)
	c.podSecurity()
	c.affinity()
	c.dnsConfig()
	for i, gate := range spec.ReadinessGates {
		c.qualifiedName(specPath.Child("readinessGates").Index(i).Child("conditionType"), string(gate.ConditionType))
	}
	c.schedulingGates()
	c.topologySpread()
	c.hostUsersFalse()
	c.hostnameOverride()
	c.names()
	c.operatingSystem()
	c.fileKeyVolumes()
	c.tokenNeedsAccount()
	c.imageBlanks()
}

// names checks the single-valued fields at the end of the spec.
func (c *podCheck) names() {
	spec := &c.pod.Spec
	named := func(name, value string) {
		if value != "" {
			c.all(specPath.Child(name), value, apivalidation.NameIsDNSSubdomain(value, false))
		}
	}
	named("serviceAccountName", spec.ServiceAccountName)
	named("nodeName", spec.NodeName)
	if deadline := spec.ActiveDeadlineSeconds; deadline != nil && (*deadline < 1 || *deadline > math.MaxInt32) {
		c.invalid(specPath.Child("activeDeadlineSeconds"), *deadline, validation.InclusiveRangeError(1, math.MaxInt32))
	}
	if spec.Hostname != "" {
		c.label(specPath.Child("hostname"), spec.Hostname)
	}
	if spec.Subdomain != "" {
		c.label(specPath.Child("subdomain"), spec.Subdomain)
	}
	c.tolerations()
	c.hostAliases()
	named("priorityClassName", spec.PriorityClassName)
	if class := spec.RuntimeClassName; class != nil {
		c.all(specPath.Child("runtimeClassName"), *class, apivalidation.NameIsDNSSubdomain(*class, false))
	}
	if spec.PreemptionPolicy != nil {
		oneOfOrRequired(&c.findings, specPath.Child("preemptionPolicy"), *spec.PreemptionPolicy, v1.PreemptLowerPriority, v1.PreemptNever)
	}
	if spec.Overhead != nil {
		c.resources(&v1.ResourceRequirements{Limits: spec.Overhead}, specPath.Child("overhead"), containerResourceName)
	}
}

func (c *podCheck) schedulingGates() {
	seen := sets.New[string]()
	for i, gate := range c.pod.Spec.SchedulingGates {
		at := specPath.Child("schedulingGates").Index(i)
		c.qualifiedName(at, gate.Name)
		if seen.Has(gate.Name) {
			c.duplicate(at, gate.Name)
		}
		seen.Insert(gate.Name)
	}
}

func (c *podCheck) operatingSystem() {
	os := c.pod.Spec.OS
	if os == nil {
		return
	}
	switch os.Name {
	case "":
		c.required(specPath.Child("os", "name"), "")
	case v1.Linux:
		c.noWindowsOptions()
	case v1.Windows:
		c.noLinuxOptions()
	default:
		oneOf(&c.findings, specPath.Child("os"), os.Name, v1.Linux, v1.Windows)
	}
}

// tokenNeedsAccount: a projected token is somebody's.
func (c *podCheck) tokenNeedsAccount() {
	if c.pod.Spec.ServiceAccountName != "" {
		return
	}
	for i, volume := range c.pod.Spec.Volumes {
		if volume.Projected == nil {
			continue
		}
		for j, source := range volume.Projected.Sources {
			if source.ServiceAccountToken != nil {
				at := specPath.Child("volumes").Index(i).Child("projected", "sources").Index(j).Child("serviceAccountToken")
				c.forbidden(at, "must not be specified when serviceAccountName is not set")
			}
		}
	}
}

// onlyAtCreate holds the rules that an update may break.
func (c *podCheck) onlyAtCreate() {
	spec := &c.pod.Spec
	if len(spec.EphemeralContainers) > 0 {
		c.forbidden(specPath.Child("ephemeralContainers"), "cannot be set on create")
	}
	if spec.NodeName != "" && len(spec.SchedulingGates) > 0 {
		c.forbidden(specPath.Child("nodeName"), "cannot be set until all schedulingGates have been cleared")
	}
	c.profileAnnotationsMatch()
}

// placed is a container with its place in the pod.
type placed struct {
	*v1.Container
	at *field.Path
}

// allContainers lists init, regular and ephemeral containers, in this order.
func allContainers(spec *v1.PodSpec) []placed {
	list := slices.Concat(placedIn(spec.InitContainers, "initContainers"), placedIn(spec.Containers, "containers"))
	for i := range spec.EphemeralContainers {
		list = append(list, placed{
			(*v1.Container)(&spec.EphemeralContainers[i].EphemeralContainerCommon), specPath.Child("ephemeralContainers").Index(i),
		})
	}
	return list
}

func placedIn(containers []v1.Container, list string) []placed {
	out := make([]placed, len(containers))
	for i := range containers {
		out[i] = placed{&containers[i], specPath.Child(list).Index(i)}
	}
	return out
}

package validate

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	resourcehelper "k8s.io/component-helpers/resource"
)

// resourceNameCheck says which resources may stand in a list.
type resourceNameCheck func(f *findings, at *field.Path, name v1.ResourceName)

// resources checks limits, requests and claims against each other.
func (c *podCheck) resources(r *v1.ResourceRequirements, at *field.Path, nameCheck resourceNameCheck) {
	limits, requests := at.Child("limits"), at.Child("requests")
	computes, huge := false, false
	note := func(name v1.ResourceName) {
		computes = computes || name == v1.ResourceCPU || name == v1.ResourceMemory
		huge = huge || hugePages(name)
	}
	for _, name := range sortedKeys(r.Limits) {
		nameCheck(&c.findings, limits.Key(string(name)), name)
		c.amount(limits.Key(string(name)), name, r.Limits[name])
		note(name)
	}
	for _, name := range sortedKeys(r.Requests) {
		nameCheck(&c.findings, requests.Key(string(name)), name)
		quantity := r.Requests[name]
		c.quantityRange(requests.Key(string(name)), name, quantity)
		if limit, limited := r.Limits[name]; limited {
			c.withinLimit(requests, name, quantity, limit)
		} else if !overcommit(name) {
			c.required(limits, "Limit must be set for non overcommitable resources")
		}
		c.hugePageMultiple(requests.Key(string(name)), name, quantity)
		note(name)
	}
	if huge && !computes {
		c.forbidden(at, "HugePages require cpu or memory")
	}
	c.claimNames(r.Claims, at.Child("claims"))
}

func (c *podCheck) withinLimit(at *field.Path, name v1.ResourceName, quantity, limit resource.Quantity) {
	switch {
	case quantity.Cmp(limit) != 0 && !overcommit(name):
		c.invalid(at, quantity.String(), fmt.Sprintf("must be equal to %s limit of %s", name, limit.String()))
	case quantity.Cmp(limit) > 0:
		c.invalid(at, quantity.String(), fmt.Sprintf("must be less than or equal to %s limit of %s", name, limit.String()))
	}
}

func (c *podCheck) amount(at *field.Path, name v1.ResourceName, quantity resource.Quantity) {
	c.quantityRange(at, name, quantity)
	c.hugePageMultiple(at, name, quantity)
}

func (f *findings) quantityRange(at *field.Path, name v1.ResourceName, quantity resource.Quantity) {
	if quantity.Sign() < 0 {
		f.invalid(at, quantity.String(), apivalidation.IsNegativeErrorMsg)
	}
	if (countedResource(name) || extendedResource(name)) && fractional(quantity) {
		f.invalid(at, quantity, mustBeInteger)
	}
}

func (c *podCheck) hugePageMultiple(at *field.Path, name v1.ResourceName, quantity resource.Quantity) {
	if !hugePages(name) {
		return
	}
	size, err := resource.ParseQuantity(strings.TrimPrefix(string(name), v1.ResourceHugePagesPrefix))
	whole := err == nil && size.Sign() > 0 && size.MilliValue()%1000 == 0 && quantity.Value()%size.Value() == 0
	if !whole {
		c.invalid(at, quantity.String(), fmt.Sprintf("%s is not positive integer multiple of %s", quantity.String(), name))
	}
}

func hugePages(name v1.ResourceName) bool {
	return strings.HasPrefix(string(name), v1.ResourceHugePagesPrefix)
}

// nativeResource is one of Kubernetes' own.
func nativeResource(name v1.ResourceName) bool {
	return !strings.Contains(string(name), "/") || strings.Contains(string(name), v1.ResourceDefaultNamespacePrefix)
}

// extendedResource is one of a device plugin.
func extendedResource(name v1.ResourceName) bool {
	return !nativeResource(name) && !strings.HasPrefix(string(name), v1.DefaultResourceRequestsPrefix) &&
		len(validation.IsQualifiedName(v1.DefaultResourceRequestsPrefix+string(name))) == 0
}

// countedResource is a number of objects.
func countedResource(name v1.ResourceName) bool {
	switch name {
	case v1.ResourcePods, v1.ResourceQuotas, v1.ResourceServices, v1.ResourceReplicationControllers, v1.ResourceSecrets,
		v1.ResourceConfigMaps, v1.ResourcePersistentVolumeClaims, v1.ResourceServicesNodePorts,
		v1.ResourceServicesLoadBalancers:
		return true
	}
	return false
}

// overcommit tells whether more may be promised of a resource than there is.
func overcommit(name v1.ResourceName) bool { return nativeResource(name) && !hugePages(name) }

// standardResource tells of the names without a prefix that mean something somewhere, quotas included.
func standardResource(name v1.ResourceName) bool {
	switch name {
	case v1.ResourceCPU, v1.ResourceMemory, v1.ResourceEphemeralStorage, v1.ResourceStorage,
		v1.ResourceRequestsCPU, v1.ResourceRequestsMemory, v1.ResourceRequestsEphemeralStorage, v1.ResourceRequestsStorage,
		v1.ResourceLimitsCPU, v1.ResourceLimitsMemory, v1.ResourceLimitsEphemeralStorage:
		return true
	}
	return countedResource(name) || hugePages(name) || strings.HasPrefix(string(name), v1.ResourceRequestsHugePagesPrefix)
}

func resourceName(f *findings, at *field.Path, name v1.ResourceName) bool {
	if details := validation.IsQualifiedName(string(name)); len(details) > 0 {
		f.all(at, name, details)
		return false
	}
	if !strings.Contains(string(name), "/") && !standardResource(name) {
		f.invalid(at, name, "must be a standard resource type or fully qualified")
		return false
	}
	return true
}

// containerResourceName is for containers and for overhead.
func containerResourceName(f *findings, at *field.Path, name v1.ResourceName) {
	resourceName(f, at, name)
	switch {
	case !strings.Contains(string(name), "/"):
		standard := name == v1.ResourceCPU || name == v1.ResourceMemory || name == v1.ResourceEphemeralStorage || hugePages(name)
		if !standard {
			f.invalid(at, name, "must be a standard resource for containers")
		}
	case !nativeResource(name) && !extendedResource(name):
		f.invalid(at, name, "doesn't follow extended resource name standard")
	}
}

// podResourceName is for resources of the pod as a whole.
func podResourceName(f *findings, at *field.Path, name v1.ResourceName) {
	if resourceName(f, at, name) && !resourcehelper.IsSupportedPodLevelResource(name) {
		f.add(field.NotSupported(at, name, sets.List(resourcehelper.SupportedPodLevelResources())))
	}
}

func (c *podCheck) podResources() {
	spec := &c.pod.Spec
	if spec.Resources == nil {
		return
	}
	at := specPath.Child("resources")
	if spec.OS != nil && spec.OS.Name == v1.Windows {
		c.forbidden(at, "may not be set for a windows pod")
		return
	}
	c.forbidIf(spec.Resources.Claims != nil, at.Child("claims"), "claims may not be set for Resources at pod-level")
	c.resources(spec.Resources, at, podResourceName)
	c.podCoversContainers(at)
}

// podCoversContainers: what the pod has as a whole is enough for its containers.
func (c *podCheck) podCoversContainers(at *field.Path) {
	spec := &c.pod.Spec
	sums := resourcehelper.AggregateContainerRequests(c.pod, resourcehelper.PodResourcesOptions{})
	for _, name := range sortedKeys(sums) {
		sum := sums[name]
		if total, ok := spec.Resources.Requests[name]; ok && sum.Cmp(total) > 0 {
			c.invalid(at.Child("requests").Key(string(name)), total.String(),
				"must be greater than or equal to aggregate container requests of "+sum.String())
		}
	}
	sums = resourcehelper.AggregateContainerLimits(c.pod, resourcehelper.PodResourcesOptions{})
	for _, name := range sortedKeys(sums) {
		sum := sums[name]
		if total, ok := spec.Resources.Limits[name]; ok && hugePages(name) && sum.Cmp(total) > 0 {
			c.invalid(at.Child("limits").Key(string(name)), total.String(),
				"must be greater than or equal to aggregate container limits of "+sum.String())
		}
	}
	for i, ctr := range spec.Containers {
		for _, name := range sortedKeys(ctr.Resources.Limits) {
			limit := ctr.Resources.Limits[name]
			if total, ok := spec.Resources.Limits[name]; ok && limit.Cmp(total) > 0 {
				c.invalid(at.Child("containers").Index(i).Key(string(name)).Child("limits"), limit.String(),
					"must be less than or equal to pod limits of "+total.String())
			}
		}
	}
}

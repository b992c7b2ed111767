package validate

import (
	"strings"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (c *podCheck) tolerations() {
	for i, t := range c.pod.Spec.Tolerations {
		c.toleration(specPath.Child("tolerations").Index(i), t)
	}
}

func (c *podCheck) toleration(at *field.Path, t v1.Toleration) {
	if t.Key != "" {
		c.add(metavalidation.ValidateLabelName(t.Key, at.Child("key"))...)
	} else if t.Operator != v1.TolerationOpExists {
		c.invalid(at.Child("operator"), t.Operator,
			`operator must be Exists when `+"`key`"+` is empty, which means "match all values and all keys"`)
	}
	if t.TolerationSeconds != nil && t.Effect != v1.TaintEffectNoExecute {
		c.invalid(at.Child("effect"), t.Effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
	}
	switch t.Operator {
	case v1.TolerationOpEqual, "":
		if details := validation.IsValidLabelValue(t.Value); len(details) > 0 {
			c.invalid(at.Child("operator"), t.Value, strings.Join(details, ";"))
		}
	case v1.TolerationOpExists:
		if t.Value != "" {
			c.invalid(at.Child("operator"), t.Value, "value must be empty when `operator` is 'Exists'")
		}
	case v1.TolerationOpLt, v1.TolerationOpGt:
		c.add(field.NotSupported(at.Child("operator"), t.Operator,
			[]v1.TolerationOperator{v1.TolerationOpEqual, v1.TolerationOpExists, v1.TolerationOpLt, v1.TolerationOpGt}))
	default:
		oneOf(&c.findings, at.Child("operator"), t.Operator, v1.TolerationOpEqual, v1.TolerationOpExists)
	}
	if t.Effect != "" {
		oneOf(&c.findings, at.Child("effect"), t.Effect,
			v1.TaintEffectNoSchedule, v1.TaintEffectPreferNoSchedule, v1.TaintEffectNoExecute)
	}
}

func (c *podCheck) affinity() {
	affinity, at := c.pod.Spec.Affinity, specPath.Child("affinity")
	if affinity == nil {
		return
	}
	const hard, soft = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"
	if node, at := affinity.NodeAffinity, at.Child("nodeAffinity"); node != nil {
		if node.RequiredDuringSchedulingIgnoredDuringExecution != nil {
			c.nodeSelector(at.Child(hard), node.RequiredDuringSchedulingIgnoredDuringExecution)
		}
		for i, term := range node.PreferredDuringSchedulingIgnoredDuringExecution {
			c.weight(at.Child(soft).Index(i), term.Weight)
			c.nodeTerm(at.Child(soft).Index(i).Child("preference"), term.Preference, false)
		}
	}
	if pods, at := affinity.PodAffinity, at.Child("podAffinity"); pods != nil {
		c.podTerms(at.Child(hard), pods.RequiredDuringSchedulingIgnoredDuringExecution)
		c.weightedPodTerms(at.Child(soft), pods.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if pods, at := affinity.PodAntiAffinity, at.Child("podAntiAffinity"); pods != nil {
		c.podTerms(at.Child(hard), pods.RequiredDuringSchedulingIgnoredDuringExecution)
		c.weightedPodTerms(at.Child(soft), pods.PreferredDuringSchedulingIgnoredDuringExecution)
	}
}

func (c *podCheck) weight(at *field.Path, weight int32) {
	if weight <= 0 || weight > 100 {
		c.invalid(at.Child("weight"), weight, "must be in the range 1-100")
	}
}

func (f *findings) nodeSelector(at *field.Path, selector *v1.NodeSelector) {
	terms := at.Child("nodeSelectorTerms")
	if len(selector.NodeSelectorTerms) == 0 {
		f.required(terms, "must have at least one node selector term")
	}
	for i, term := range selector.NodeSelectorTerms {
		f.nodeTerm(terms.Index(i), term, true)
	}
}

func (f *findings) nodeTerm(at *field.Path, term v1.NodeSelectorTerm, checkValues bool) {
	for i, rq := range term.MatchExpressions {
		f.nodeExpression(at.Child("matchExpressions").Index(i), rq, checkValues)
	}
	for i, rq := range term.MatchFields {
		f.nodeField(at.Child("matchFields").Index(i), rq)
	}
}

func (f *findings) nodeExpression(at *field.Path, rq v1.NodeSelectorRequirement, checkValues bool) {
	values := at.Child("values")
	switch rq.Operator {
	case v1.NodeSelectorOpIn, v1.NodeSelectorOpNotIn:
		if len(rq.Values) == 0 {
			f.required(values, "must be specified when `operator` is 'In' or 'NotIn'")
		}
	case v1.NodeSelectorOpExists, v1.NodeSelectorOpDoesNotExist:
		f.forbidIf(len(rq.Values) > 0, values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
	case v1.NodeSelectorOpGt, v1.NodeSelectorOpLt:
		if len(rq.Values) != 1 {
			f.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")
		}
	default:
		f.invalid(at.Child("operator"), rq.Operator, "not a valid selector operator")
	}
	f.add(metavalidation.ValidateLabelName(rq.Key, at.Child("key"))...)
	if checkValues {
		for i, value := range rq.Values {
			f.all(values.Index(i), value, validation.IsValidLabelValue(value))
		}
	}
}

func (f *findings) nodeField(at *field.Path, rq v1.NodeSelectorRequirement) {
	switch rq.Operator {
	case v1.NodeSelectorOpIn, v1.NodeSelectorOpNotIn:
		if len(rq.Values) != 1 {
			f.required(at.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
		}
	default:
		f.invalid(at.Child("operator"), rq.Operator, "not a valid selector operator")
	}
	if rq.Key != metav1.ObjectNameField {
		f.invalid(at.Child("key"), rq.Key, "not a valid field selector key")
		return
	}
	for i, value := range rq.Values {
		f.all(at.Child("values").Index(i), value, apivalidation.NameIsDNSSubdomain(value, false))
	}
}

func (c *podCheck) weightedPodTerms(at *field.Path, terms []v1.WeightedPodAffinityTerm) {
	for i, term := range terms {
		c.weight(at.Index(i), term.Weight)
		c.podTerm(at.Index(i).Child("podAffinityTerm"), term.PodAffinityTerm)
	}
}

func (c *podCheck) podTerms(at *field.Path, terms []v1.PodAffinityTerm) {
	for i, term := range terms {
		c.podTerm(at.Index(i), term)
	}
}

func (c *podCheck) podTerm(at *field.Path, term v1.PodAffinityTerm) {
	c.labelSelector(at.Child("labelSelector"), term.LabelSelector)
	c.labelSelector(at.Child("namespaceSelector"), term.NamespaceSelector)
	for _, name := range term.Namespaces {
		c.all(at.Child("namespace"), name, apivalidation.ValidateNamespaceName(name, false))
	}
	c.labelKeys(at, term.MatchLabelKeys, term.MismatchLabelKeys, term.LabelSelector)
	if term.TopologyKey == "" {
		c.required(at.Child("topologyKey"), "can not be empty")
	}
	c.add(metavalidation.ValidateLabelName(term.TopologyKey, at.Child("topologyKey"))...)
}

func (f *findings) labelSelector(at *field.Path, selector *metav1.LabelSelector) {
	f.add(metavalidation.ValidateLabelSelector(selector, metavalidation.LabelSelectorValidationOptions{}, at)...)
}

// labelKeys checks keys whose values are taken from the pod's own labels.
func (c *podCheck) labelKeys(at *field.Path, match, mismatch []string, selector *metav1.LabelSelector) {
	keys := func(at *field.Path, keys []string) {
		if len(keys) > 0 && selector == nil {
			c.forbidden(at, "must not be specified when labelSelector is not set")
			return
		}
		for i, key := range keys {
			c.add(metavalidation.ValidateLabelName(key, at.Index(i))...)
		}
	}
	keys(at.Child("matchLabelKeys"), match)
	keys(at.Child("mismatchLabelKeys"), mismatch)
	other := sets.New(mismatch...)
	for i, key := range match {
		if other.Has(key) {
			c.invalid(at.Child("matchLabelKeys").Index(i), key, "exists in both matchLabelKeys and mismatchLabelKeys")
		}
	}
}

func (c *podCheck) topologySpread() {
	list := c.pod.Spec.TopologySpreadConstraints
	for i, constraint := range list {
		at := specPath.Child("topologySpreadConstraints").Index(i)
		if constraint.MaxSkew <= 0 {
			c.invalid(at.Child("maxSkew"), int64(constraint.MaxSkew), mustBePositive)
		}
		if constraint.TopologyKey == "" {
			c.required(at.Child("topologyKey"), "can not be empty")
		}
		oneOf(&c.findings, at.Child("whenUnsatisfiable"), constraint.WhenUnsatisfiable, v1.DoNotSchedule, v1.ScheduleAnyway)
		for _, later := range list[i+1:] {
			if constraint.TopologyKey == later.TopologyKey && constraint.WhenUnsatisfiable == later.WhenUnsatisfiable {
				c.duplicate(at.Child("{topologyKey, whenUnsatisfiable}"),
					"{"+constraint.TopologyKey+", "+string(constraint.WhenUnsatisfiable)+"}")
				break
			}
		}
		if domains := constraint.MinDomains; domains != nil {
			c.minDomains(at.Child("minDomains"), *domains, constraint.WhenUnsatisfiable)
		}
		optional(&c.findings, at.Child("nodeAffinityPolicy"), constraint.NodeAffinityPolicy, v1.NodeInclusionPolicyHonor, v1.NodeInclusionPolicyIgnore)
		optional(&c.findings, at.Child("nodeTaintsPolicy"), constraint.NodeTaintsPolicy, v1.NodeInclusionPolicyHonor, v1.NodeInclusionPolicyIgnore)
		c.labelKeys(at, constraint.MatchLabelKeys, nil, constraint.LabelSelector)
		c.labelSelector(at.Child("labelSelector"), constraint.LabelSelector)
	}
}

func (c *podCheck) minDomains(at *field.Path, domains int32, action v1.UnsatisfiableConstraintAction) {
	if domains <= 0 {
		c.invalid(at, int64(domains), mustBePositive)
	}
	if action != v1.DoNotSchedule {
		c.invalid(at, domains, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "+string(action))
	}
}

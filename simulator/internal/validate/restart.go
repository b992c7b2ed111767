package validate

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	// maxRestartRules and maxExitCodes bound what one container may say about its restarts.
	maxRestartRules = 20
	maxExitCodes    = 255
	needsPolicy     = "must specify restartPolicy when restart rules are used"
)

// initRestart: an init container that always restarts is a sidecar and has no rules.
func (c *podCheck) initRestart(ctr placed) {
	switch {
	case ctr.RestartPolicy == nil:
		if len(ctr.RestartPolicyRules) > 0 {
			c.required(ctr.at.Child("restartPolicy"), needsPolicy)
		}
	case *ctr.RestartPolicy == v1.ContainerRestartPolicyAlways:
		c.forbidIf(len(ctr.RestartPolicyRules) > 0, ctr.at.Child("restartPolicyRules"),
			"restartPolicyRules are not allowed for init containers with restart policy Always")
	default:
		c.containerRestart(ctr)
	}
}

func (c *podCheck) containerRestart(ctr placed) {
	at, rules := ctr.at.Child("restartPolicyRules"), ctr.RestartPolicyRules
	switch {
	case ctr.RestartPolicy == nil && len(rules) == 0:
		return
	case ctr.RestartPolicy == nil:
		c.required(ctr.at.Child("restartPolicy"), needsPolicy)
	default:
		oneOf(&c.findings, ctr.at.Child("restartPolicy"), *ctr.RestartPolicy,
			v1.ContainerRestartPolicyAlways, v1.ContainerRestartPolicyNever, v1.ContainerRestartPolicyOnFailure)
	}
	if len(rules) > maxRestartRules {
		c.add(field.TooLong(at, rules, maxRestartRules))
	}
	for i, rule := range rules {
		c.restartRule(at.Index(i), rule)
	}
}

func (c *podCheck) restartRule(at *field.Path, rule v1.ContainerRestartRule) {
	oneOf(&c.findings, at.Child("action"), rule.Action, v1.ContainerRestartRuleActionRestart)
	if rule.ExitCodes == nil {
		c.required(at.Child("exitCodes"), "must be specified")
		return
	}
	codes := at.Child("exitCodes")
	oneOf(&c.findings, codes.Child("operator"), rule.ExitCodes.Operator,
		v1.ContainerRestartRuleOnExitCodesOpIn, v1.ContainerRestartRuleOnExitCodesOpNotIn)
	if len(rule.ExitCodes.Values) > maxExitCodes {
		c.add(field.TooLong(codes.Child("values"), rule.ExitCodes.Values, maxExitCodes))
	}
}

package validate

import (
	"strings"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// resourceClaims checks the pod's claims to devices.
func (c *podCheck) resourceClaims() {
	for i, claim := range c.pod.Spec.ResourceClaims {
		at := specPath.Child("resourceClaims").Index(i)
		switch {
		case claim.Name == "":
			c.required(at.Child("name"), "")
		case c.claims.Has(claim.Name):
			c.duplicate(at.Child("name"), claim.Name)
		default:
			c.label(at.Child("name"), claim.Name)
			c.claims.Insert(claim.Name)
		}
		direct, template := claim.ResourceClaimName, claim.ResourceClaimTemplateName
		if direct != nil && template != nil {
			c.invalid(at, internal(claim), "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")
		}
		if direct == nil && template == nil {
			c.invalid(at, internal(claim), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
		}
		if direct != nil {
			c.all(at.Child("resourceClaimName"), *direct, apivalidation.NameIsDNSSubdomain(*direct, false))
		}
		if template != nil {
			c.all(at.Child("resourceClaimTemplateName"), *template, apivalidation.NameIsDNSSubdomain(*template, false))
		}
	}
}

// claimNames checks a container's use of them.
func (c *podCheck) claimNames(claims []v1.ResourceClaim, at *field.Path) {
	used := sets.New[string]()
	for i, claim := range claims {
		if claim.Name == "" {
			c.required(at.Index(i), "")
			continue
		}
		c.claimUsedOnce(at.Index(i), claim, used)
		if !c.claims.Has(claim.Name) {
			err := field.NotFound(at.Index(i), claim.Name)
			err.Detail = "must be one of the names in pod.spec.resourceClaims"
			if len(c.claims) == 0 {
				err.Detail += " which is empty"
			} else {
				err.Detail += ": " + strings.Join(sets.List(c.claims), ", ")
			}
			c.add(err)
		}
	}
}

// claimUsedOnce: a claim is used as a whole once, or by requests that differ.
func (c *podCheck) claimUsedOnce(at *field.Path, claim v1.ResourceClaim, used sets.Set[string]) {
	if used.Has(claim.Name) {
		c.duplicate(at, claim.Name)
		return
	}
	key := claim.Name
	if claim.Request != "" {
		c.label(at.Child("request"), claim.Request)
		key += "/" + claim.Request
	}
	if used.Has(key) {
		c.duplicate(at, key)
	} else if claim.Request == "" {
		for _, other := range sets.List(used) {
			if name, _, part := strings.Cut(other, "/"); part && name == claim.Name {
				c.duplicate(at, claim.Name)
			}
		}
	}
	used.Insert(key)
}

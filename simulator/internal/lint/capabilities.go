package lint

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/config"
)

// capabilities finds names that have no effect, most of all those that begin
// with CAP_ as the kernel's do.
func (l *linter) capabilities(c container) {
	if c.SecurityContext == nil || c.SecurityContext.Capabilities == nil {
		return
	}
	at := c.at.Child("securityContext", "capabilities")
	for _, list := range []struct {
		name string
		of   []v1.Capability
	}{{"add", c.SecurityContext.Capabilities.Add}, {"drop", c.SecurityContext.Capabilities.Drop}} {
		for i, name := range list.of {
			if strings.EqualFold(string(name), "ALL") || config.KnownCapability(name) {
				continue
			}
			message := fmt.Sprintf("there is no capability %q: it has no effect", name)
			if short, ok := strings.CutPrefix(strings.ToUpper(string(name)), "CAP_"); ok {
				message += fmt.Sprintf("; a Pod says %s", short)
			}
			l.hint(at.Child(list.name).Index(i), message)
		}
	}
}

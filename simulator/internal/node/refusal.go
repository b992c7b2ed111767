package node

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/config"
)

// What runc says of a process that it may not give what was asked for
// (libcontainer: finalizeNamespace, setupRlimits).
var (
	capsRefused   = regexp.MustCompile(`apply (caps|bounding set)\b.*operation not permitted`)
	rlimitRefused = regexp.MustCompile(`setting rlimit\b.*operation not permitted`)
)

// notShared is what the engine says at the start of a container with a mount
// whose mountPropagation its machine cannot serve.
var notShared = regexp.MustCompile(`^path .* is mounted on .* but it is not a shared( or slave)? mount`)

// refusal names what asks the engine's machine for more than it may give, when
// the engine's text for a start says so; "" when it says something else. lacks
// are the capabilities that the machine does not have, as far as is known.
func refusal(c *v1.Container, text string, lacks []string) string {
	switch {
	case rlimitRefused.MatchString(text):
		return "the engine's default ulimits ask for more than its machine allows"
	case !capsRefused.MatchString(text) || c.SecurityContext == nil:
		return ""
	}
	field, wants := "securityContext.capabilities.add", func(name string) bool {
		return slices.ContainsFunc(c.SecurityContext.Capabilities.Add, func(a v1.Capability) bool {
			return strings.EqualFold(string(a), name) || strings.EqualFold(string(a), "ALL")
		})
	}
	if p := c.SecurityContext.Privileged; p != nil && *p {
		field, wants = "securityContext.privileged", func(string) bool { return true }
	} else if c.SecurityContext.Capabilities == nil {
		return ""
	}
	lacks = slices.DeleteFunc(slices.Clone(lacks), func(name string) bool { return !wants(name) })
	if len(lacks) == 0 {
		return field + " asks for capabilities of which the engine's machine does not have all"
	}
	return fmt.Sprintf("%s asks for %s, which the engine's machine does not have", field, strings.Join(lacks, ", "))
}

// withCause puts a cause that is known before the engine's text.
func withCause(cause, text string) string {
	if cause == "" || text == "" {
		return text
	}
	return cause + ": " + text
}

// localCapabilities are those of the kernel that a process here can have, and
// those that none can.
func localCapabilities() (has, lacks []string) {
	status, _ := os.ReadFile("/proc/self/status")
	last, _ := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	return capabilitiesIn(string(status), string(last))
}

// capabilitiesIn reads the bounding set of a process's status and the number of
// the kernel's last capability; without either nothing is known.
func capabilitiesIn(status, last string) (has, lacks []string) {
	_, rest, _ := strings.Cut(status, "CapBnd:")
	line, _, _ := strings.Cut(rest, "\n")
	bounding, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	end, lastErr := strconv.Atoi(strings.TrimSpace(last))
	if err != nil || lastErr != nil {
		return nil, nil
	}
	for n, name := range config.Capabilities() {
		switch {
		case n > end:
		case bounding&(1<<n) == 0:
			lacks = append(lacks, name)
		default:
			has = append(has, name)
		}
	}
	return has, lacks
}

package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// endless finds init containers that certainly never end.
func (l *linter) endless(c container) {
	if !c.init {
		return
	}
	argv := append(slices.Clone(c.Command), c.Args...)
	if len(c.Command) == 0 || !NeverEnds(argv) {
		return
	}
	l.hint(c.at.Child("command"), fmt.Sprintf(
		"init container %q never ends, and nothing starts before it has: a helper that goes on needs restartPolicy: Always", c.Name))
}

var (
	// A script that is, or ends in, a command without an end.
	lastForever = regexp.MustCompile(`^(?:exec\s+)?(?:sleep\s+(?:infinity|inf)|tail\s+-[fF]\s+/dev/null)$`)
	// A script that is one loop and nothing else.
	loop = regexp.MustCompile(`^while\s+(?:true|:|\[\s+1\s+\])\s*[;\n]\s*do\s((?s:.*))[;\n\s]done$`)
	// What may end a loop or a script before its end, or take it away.
	leaves = regexp.MustCompile(`\b(?:break|exit|return|exec|kill|trap|set|if|case|timeout|until|for|while)\b|&|\|`)
)

// NeverEnds tells of a command whether it certainly does not end by itself.
func NeverEnds(argv []string) bool {
	switch name := argv[0][strings.LastIndexByte(argv[0], '/')+1:]; name {
	case "sleep", "tail":
		return lastForever.MatchString(name + " " + strings.Join(argv[1:], " "))
	case "sh", "bash", "ash", "dash":
		if len(argv) != 3 || argv[1] != "-c" {
			return false
		}
	default:
		return false
	}
	script := strings.TrimSpace(argv[2])
	if m := loop.FindStringSubmatch(script); m != nil {
		return !leaves.MatchString(m[1])
	}
	at := strings.LastIndexAny(script, ";\n")
	before, last := script[:max(at, 0)], strings.TrimSpace(script[at+1:])
	return lastForever.MatchString(last) && !leaves.MatchString(before)
}

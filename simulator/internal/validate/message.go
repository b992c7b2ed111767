package validate

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Invalid gives the words that kubectl prints when the API server rejects an object: one line for one error, a line with
// a bullet for each of several. It is empty when there are none.
func Invalid(kind, name string, errs field.ErrorList) string {
	lines := lines(errs)
	head := fmt.Sprintf("The %s %q is invalid: ", kind, name)
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return head + lines[0]
	}
	return head + "\n* " + strings.Join(lines, "\n* ")
}

// InvalidStatus gives the API server's own text, which kubectl shows when an object of several documents fails.
func InvalidStatus(kind, name string, errs field.ErrorList) string {
	lines := lines(errs)
	text := strings.Join(lines, ", ")
	if len(lines) > 1 {
		text = "[" + text + "]"
	}
	return fmt.Sprintf("%s %q is invalid: %s", kind, name, text)
}

// lines prints each error once.
func lines(errs field.ErrorList) []string {
	seen := map[string]bool{}
	var out []string
	for _, err := range errs {
		text := err.Error()
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}

// Warning is about a field that is accepted, and that its author should know of.
type Warning struct {
	// Field is its path; empty when Message already begins with it.
	Field   string
	Message string
}

// String prints it as the API server does: path, colon, text.
func (w Warning) String() string {
	if w.Field == "" {
		return w.Message
	}
	return w.Field + ": " + w.Message
}

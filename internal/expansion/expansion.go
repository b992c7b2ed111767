// Package expansion puts variables into texts that refer to them as $(NAME):
// commands, arguments, values of variables, subPathExpr. Which variables there
// are its callers decide. (kubernetes third_party/forked/golang/expansion)
package expansion

import "strings"

// Expand replaces $(NAME) by the variable of that name. What lookup does not
// know stays as it is, $$ stands for $, and a $ before anything else for
// itself.
func Expand(s string, lookup func(name string) (string, bool)) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteByte('$')
			s = after[1:]
		case strings.HasPrefix(after, "("):
			name, rest, closed := strings.Cut(after[1:], ")")
			if !closed {
				// Without an end it is no reference; what follows may hold some.
				b.WriteString("$(")
				s = after[1:]
				continue
			}
			value, known := lookup(name)
			if !known {
				value = "$(" + name + ")"
			}
			b.WriteString(value)
			s = rest
		default:
			b.WriteByte('$')
			s = after
		}
	}
}

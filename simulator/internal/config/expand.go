package config

import "strings"

// expand replaces $(NAME) by the variable of that name. What lookup does not
// know stays as it is, $$ stands for $, and a $ before anything else for
// itself.
func expand(s string, lookup func(name string) (string, bool)) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i == len(s)-1 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		rest := s[i+1:]
		switch rest[0] {
		case '$':
			b.WriteByte('$')
			s = rest[1:]
		case '(':
			name, after, closed := strings.Cut(rest[1:], ")")
			if !closed {
				// Without an end it is no reference; what follows may hold some.
				b.WriteString("$(")
				s = rest[1:]
				continue
			}
			if value, ok := lookup(name); ok {
				b.WriteString(value)
			} else {
				b.WriteString("$(" + name + ")")
			}
			s = after
		default:
			b.WriteByte('$')
			b.WriteByte(rest[0])
			s = rest[1:]
		}
	}
}

package expansion

import "testing"

func TestExpand(t *testing.T) {
	t.Parallel()
	values := map[string]string{"A": "1", "B": "$(A)", "E": ""}
	lookup := func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
	for in, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"$(A)$(A)":      "11",
		"$(B)":          "$(A)", // values are not expanded again
		"$$(A)":         "$(A)",
		"$$$(A)":        "$1",
		"$$$$(A)":       "$$(A)",
		"$(NONE)":       "$(NONE)",
		"[$(E)]":        "[]",
		"$A ${A} $":     "$A ${A} $",
		"$(A":           "$(A",
		"$(":            "$(",
		"$(A $(A)":      "$(A $(A)",
		"$($(A))":       "$($(A))",
		"a$(x$(A)":      "a$(x$(A)",
		"$()":           "$()",
		"$$":            "$",
		"$é$(A)":        "$é1",
		"x$(A)y$(B)z$$": "x1y$(A)z$",
	} {
		if got := Expand(in, lookup); got != want {
			t.Errorf("Expand(%q) = %q, want %q", in, got, want)
		}
	}
}

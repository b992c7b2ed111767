package main

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestHelpHasEveryVerbAndItsExamplesAreRight(t *testing.T) {
	t.Parallel()
	a := &app{name: "podsim", stdout: io.Discard, stderr: io.Discard}
	tool := a.cli("podsim")
	var grouped []string
	for _, g := range helpGroups {
		grouped = append(grouped, g.verbs...)
	}
	for _, c := range tool.Commands {
		if c.Hidden {
			continue
		}
		if !slices.Contains(grouped, c.Name) {
			t.Errorf("%s is in no group of the help", c.Name)
		}
		for line := range strings.Lines(c.CustomHelpTemplate) {
			if len(strings.TrimRight(line, "\n")) > helpWidth && !strings.Contains(line, "podsim") {
				t.Errorf("too wide: %s", line)
			}
		}
	}
	for verb, text := range helpExamples {
		for line := range strings.Lines(text) {
			_, command, found := strings.Cut(line, "podsim ")
			if !found || strings.HasPrefix(line, "#") {
				continue
			}
			if _, err := a.order(tool, strings.Fields(strings.TrimSuffix(strings.TrimSpace(command), ")"))); err != nil || !strings.HasPrefix(command, verb) {
				t.Errorf("%s: example %q: %v", verb, strings.TrimSpace(line), err)
			}
		}
	}
}

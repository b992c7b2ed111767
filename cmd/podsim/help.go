package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// How help is laid out: flags in a column of their own, texts no wider than a small terminal.
const (
	helpWidth  = 79
	flagColumn = 30
)

// helpTemplate makes a text one for the command library, which prints templates.
func helpTemplate(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// verbHelp is what `help VERB` prints.
func verbHelp(program string, c *cli.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\nUsage:\n", strings.ToUpper(c.Usage[:1])+c.Usage[1:])
	for _, line := range strings.Split(c.UsageText, "\n") {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	if examples := helpExamples[c.Name]; examples != "" {
		b.WriteString("\nExamples:\n")
		for _, line := range strings.Split(strings.Trim(examples, "\n"), "\n") {
			b.WriteString(strings.TrimRight("  "+strings.ReplaceAll(line, "podsim ", program+" "), " ") + "\n")
		}
	}
	writeFlags(&b, "Flags", c.Flags)
	fmt.Fprintf(&b, "\nFlags that go with every verb: %s --help\n", program)
	return b.String()
}

// programHelp is what the help without a verb prints.
func programHelp(program string, commands []*cli.Command, flags []cli.Flag) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s runs Kubernetes pods on a Docker Engine as a kubelet would, without a cluster.\n\nUsage:\n  %s VERB [ARGUMENT...] [FLAG...]\n", program, program)
	for _, group := range helpGroups {
		fmt.Fprintf(&b, "\n%s:\n", group.title)
		for _, name := range group.verbs {
			for _, c := range commands {
				if c.Name == name {
					writeEntry(&b, "  "+name, 17, c.Usage)
				}
			}
		}
	}
	writeFlags(&b, "Flags of every verb", flags)
	fmt.Fprintf(&b, "\nMore about a verb: %s help VERB\n", program)
	return b.String()
}

func writeFlags(b *strings.Builder, title string, flags []cli.Flag) {
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, f := range flags {
		if visible, ok := f.(cli.VisibleFlag); ok && !visible.IsVisible() {
			continue
		}
		name, usage := flagEntry(f)
		writeEntry(b, name, flagColumn, usage)
	}
	writeEntry(b, "  -h, --help", flagColumn, "show this")
}

// flagEntry is a flag's left and right column.
func flagEntry(f cli.Flag) (name, usage string) {
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return "  --" + f.Names()[0], ""
	}
	usage = doc.GetUsage()
	value := ""
	if before, rest, found := strings.Cut(usage, "`"); found {
		value, rest, _ = strings.Cut(rest, "`")
		usage = before + value + rest
	}
	long, short := f.Names()[0], ""
	for _, n := range f.Names() {
		if len(n) == 1 {
			short = n
		}
	}
	switch {
	case len(long) == 1:
		name = "  -" + long
	case short != "":
		name = "  -" + short + ", --" + long
	default:
		name = "      --" + long
	}
	if optional, ok := f.(*optionalFlag); ok {
		return name + "[=" + strings.ToUpper(long) + "]", usageWithDefault(usage, optional.Value)
	}
	if !doc.TakesValue() {
		if b, ok := f.(*cli.BoolFlag); ok && b.Value {
			return name, usage + " (true unless =false)"
		}
		return name, usage
	}
	if value == "" {
		value = "VALUE"
	}
	return name + " " + value, usageWithDefault(usage, defaultOf(f))
}

func usageWithDefault(usage, value string) string {
	if value == "" || strings.Contains(usage, "(default") {
		return usage
	}
	return fmt.Sprintf("%s (default %s)", usage, value)
}

// defaultOf is a flag's default where it says something.
func defaultOf(f cli.Flag) string {
	switch f := f.(type) {
	case *cli.StringFlag:
		return f.Value
	case *cli.IntFlag:
		if f.Value > 0 {
			return fmt.Sprint(f.Value)
		}
	case *cli.Int64Flag:
		if f.Value > 0 {
			return fmt.Sprint(f.Value)
		}
	case *cli.DurationFlag:
		if f.Value > 0 {
			return f.Value.String()
		}
	}
	return ""
}

// writeEntry writes a name and its text beside it, or below it where there is no room.
func writeEntry(b *strings.Builder, name string, column int, text string) {
	b.WriteString(name)
	at := len(name)
	if at > column-2 {
		b.WriteByte('\n')
		at = 0
	}
	for _, line := range wrap(text, helpWidth-column) {
		b.WriteString(strings.Repeat(" ", column-at) + line + "\n")
		at = 0
	}
}

// wrap breaks a text into lines, one at least.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}

package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	execOf       = regexp.MustCompile(`exec:? "?([^":]+)"?:`)
	badFormat    = regexp.MustCompile(`(?i)exec format error`)
	shellMissing = regexp.MustCompile(`(?i)(?:not found|no such file or directory)\s*$`)
)

// starts finds containers whose program cannot be run.
func (v *view) starts() {
	for _, u := range v.open() {
		text := v.startError(u)
		formatted := slices.ContainsFunc(u.lines(), badFormat.MatchString) && u.failed() != nil
		switch {
		case text != "":
			v.add(v.cannotStart(u, text))
		case formatted:
			v.add(v.wrongArch(u))
		case u.failed() != nil && u.failed().ExitCode == 127:
			v.shellCannotFind(u)
		}
	}
}

// startError is the engine's text for a process that never ran.
func (v *view) startError(u *unit) string {
	if reason, message := u.waits(); reason == "RunContainerError" {
		return message
	}
	if t := u.failed(); t != nil && t.Reason == "StartError" && !u.runs() {
		return t.Message
	}
	return ""
}

func (v *view) cannotStart(u *unit, text string) Finding {
	f := Finding{Cause: CauseStart, Container: u.name(), Details: []string{"the engine says: " + firstLine(text)}}
	program := first(u.argv())
	if m := execOf.FindStringSubmatch(text); m != nil {
		program = strings.TrimSpace(m[1])
	}
	switch low := strings.ToLower(text); {
	case badFormat.MatchString(text):
		return v.wrongArch(u)
	case strings.Contains(low, "executable file not found"):
		f.Summary = fmt.Sprintf("%s cannot start: the image %q has no program %q in its PATH", u.title(), u.spec.Image, program)
		f.Fix = "correct command, or use an image that has it; command replaces the image's ENTRYPOINT, args its CMD"
		if strings.Contains(program, " ") {
			f.Fix = "a word of command is one program's name: write its words apart, or let a shell run it: [sh, -c, ...]"
		}
	case strings.Contains(low, "chdir to cwd"), strings.Contains(low, "workingdir"), strings.Contains(low, "current working directory"):
		f.Summary = fmt.Sprintf("%s cannot start in workingDir %q", u.title(), u.spec.WorkingDir)
		f.Fix = "choose a directory that its user may enter"
	case strings.Contains(low, "no such file or directory") && strings.Contains(low, "exec"):
		f.Summary = fmt.Sprintf("%s cannot start: %q is not in the image %q, or the interpreter that it names is not", u.title(), program, u.spec.Image)
		f.Fix = "look at the path; of a script look at its first line and for Windows line ends"
	case strings.Contains(low, "permission denied") && strings.Contains(low, "exec"):
		f.Summary = fmt.Sprintf("%s cannot start: %q may not be executed", u.title(), program)
		f.Fix = "make it executable (chmod +x), or run it by its interpreter; files of a ConfigMap need defaultMode: 0755"
	case strings.Contains(low, "is a directory"):
		f.Summary = fmt.Sprintf("%s cannot start: %q is a directory", u.title(), program)
	case strings.Contains(low, ": failed to create") && strings.Contains(low, "operation not permitted"):
		cause, _, _ := strings.Cut(text, ": failed to create") // the node's word, before the engine's
		f.Summary = u.title() + " cannot start: " + cause
		f.Details = []string{"the engine says: " + firstLine(strings.TrimPrefix(text, cause+": "))}
		f.Fix = "ask for less, or use an engine on a machine that may do more"
	case strings.Contains(low, "read-only file system") || strings.Contains(low, "mounting"):
		f.Summary = fmt.Sprintf("%s cannot start: one of its mounts cannot be made", u.title())
		f.Fix = "a mount below a read-only one needs its directory or file to be there already"
	default:
		f.Summary = u.title() + " cannot start: " + firstLine(text)
		f.Details = nil
	}
	return f
}

func (v *view) wrongArch(u *unit) Finding {
	f := Finding{
		Cause: CauseStart, Container: u.name(), Log: shown(u.lines()),
		Summary: fmt.Sprintf("%s cannot run its program: exec format error", u.title()),
		Fix:     "a script needs a first line such as #!/bin/sh; a program has to be made for this machine",
	}
	if u.ImageArch != "" && v.Arch != "" && u.ImageArch != v.Arch {
		f.Summary = fmt.Sprintf("%s cannot run its program: the image %q is made for %s, this machine is %s", u.title(), u.spec.Image, u.ImageArch, v.Arch)
		f.Fix = fmt.Sprintf("build or pull the image for %s (docker build --platform linux/%s)", v.Arch, v.Arch)
	}
	return f
}

// shellCannotFind is a shell's exit code 127: it did not find a program.
func (v *view) shellCannotFind(u *unit) {
	for i := len(u.lines()) - 1; i >= 0; i-- {
		line := strings.TrimSpace(u.lines()[i])
		if !shellMissing.MatchString(line) {
			continue
		}
		v.add(Finding{
			Cause: CauseStart, Container: u.name(), Log: shown(u.lines()),
			Summary: fmt.Sprintf("%s runs a program that the image %q does not have: %s", u.title(), u.spec.Image, line),
			Details: []string{u.title() + " " + u.end()},
			Fix:     "correct the name, or use an image that has it",
		})
		return
	}
}

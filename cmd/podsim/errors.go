package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/simulator"
)

// Exit codes beside kubectl's 0 and 1.
const (
	exitUsage       = 2
	exitTimeout     = 124
	exitFailed      = 125
	exitInterrupted = 130
)

// exitError ends the command with a code; what is to be said was said when err is nil.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitWith ends the command with a code and no more words.
func exitWith(code int) error { return &exitError{code: code} }

// usageError is about the command line; help is where to read more.
type usageError struct {
	err  error
	help string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{err: fmt.Errorf(format, args...)} }

// helpfulf is usagef with kubectl's line about the verb's help.
func (a *app) helpfulf(c *cli.Context, format string, args ...any) error {
	return &usageError{
		err:  fmt.Errorf(format, args...),
		help: fmt.Sprintf("See '%s %s -h' for help and examples", a.program(), c.Command.Name),
	}
}

// interruptedError is the cause of a context that a signal ended.
type interruptedError struct{ signal os.Signal }

func (e *interruptedError) Error() string { return "interrupted" }

// hintedError adds a way out to an error.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
func (e *hintedError) Hint() string  { return e.hint }

// fileError is an error that came up while a file was worked on: kubectl names it for errors of the server.
type fileError struct {
	doing, file string
	err         error
}

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// report prints an error as kubectl does and returns the exit code.
func report(ctx context.Context, w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	var interrupted *interruptedError
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return exit.code
	}
	if errors.As(context.Cause(ctx), &interrupted) && (errors.Is(err, context.Canceled) || errors.As(err, &interrupted)) {
		return exitInterrupted
	}
	printError(w, err)
	if exit != nil {
		return exit.code
	}
	return 1
}

// printError prints each of joined errors with what belongs to it. Of several kubectl does not say that they are errors.
func printError(w io.Writer, err error) {
	all := singleErrors(err)
	for _, e := range all {
		text := errorText(e, len(all) == 1)
		if len(all) > 1 {
			text = strings.TrimPrefix(text, "error: ")
		}
		printOne(w, text, e)
	}
}

// singleErrors takes joined errors apart.
func singleErrors(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, singleErrors(e)...)
	}
	return all
}

func printOne(w io.Writer, text string, err error) {
	fmt.Fprintln(w, text)
	var usage *usageError
	if errors.As(err, &usage) && usage.help != "" {
		fmt.Fprintln(w, usage.help)
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintln(w, "hint: "+hinted.Hint())
	}
	var manifest *simulator.ManifestError
	if errors.As(err, &manifest) && manifest.Aside() != "" {
		fmt.Fprintln(w, "hint: "+manifest.Aside())
	}
}

// errorText is the words of kubectl for an error: of an object that is invalid
// it lists the faults only where nothing else is told.
func errorText(err error, alone bool) string {
	var file *fileError
	errors.As(err, &file)
	var manifest *simulator.ManifestError
	if errors.As(err, &manifest) {
		doing := "creating"
		if file != nil {
			doing = file.doing
		}
		return manifest.Kubectl(doing)
	}
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return "error: " + strings.TrimSpace(err.Error())
	}
	if alone && apierrors.IsInvalid(status) {
		return invalidText(status)
	}
	text := status.ErrStatus.Message
	if file != nil {
		text = fmt.Sprintf("error when %s %q: %s", file.doing, file.file, text)
	}
	if status.ErrStatus.Reason == metav1.StatusReasonUnknown {
		return "Error from server: " + text
	}
	return fmt.Sprintf("Error from server (%s): %s", status.ErrStatus.Reason, text)
}

// invalidText lists what an API server found wrong with an object: one line, or a bullet for each cause.
func invalidText(status *apierrors.StatusError) string {
	d := status.ErrStatus.Details
	if d == nil || len(d.Causes) == 0 {
		return "The request is invalid: " + status.ErrStatus.Message
	}
	var lines []string
	seen := map[string]bool{}
	for _, cause := range d.Causes {
		line := cause.Message
		if cause.Field != "" {
			line = cause.Field + ": " + line
		}
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	if len(lines) == 1 {
		return fmt.Sprintf("The %s %q is invalid: %s", d.Kind, d.Name, lines[0])
	}
	return fmt.Sprintf("The %s %q is invalid: \n* %s", d.Kind, d.Name, strings.Join(lines, "\n* "))
}

package main

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// completionTime is how long a shell waits for names.
const completionTime = 2 * time.Second

//go:embed completion.bash
var bashCompletion string

//go:embed completion.zsh
var zshCompletion string

//go:embed completion.fish
var fishCompletion string

func (a *app) completionVerb() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print what makes a shell complete names", UsageText: "completion bash|zsh|fish",
		Action: func(*cli.Context) error {
			if len(a.line.Args) != 1 {
				return usagef("Shell not specified: it is bash, zsh or fish.")
			}
			script, ok := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[a.line.Args[0]]
			if !ok {
				return usagef("Unsupported shell type %q: it is bash, zsh or fish.", a.line.Args[0])
			}
			fmt.Fprint(a.stdout, script)
			return nil
		},
	}
}

// completeVerb is called by the scripts: its arguments are the words of the command line so far, the last one unfinished.
func (a *app) completeVerb() *cli.Command {
	return &cli.Command{
		Name: "__complete", Hidden: true,
		Action: func(c *cli.Context) error {
			ctx, cancel := context.WithTimeout(c.Context, completionTime)
			defer cancel()
			c.Context = ctx
			for _, word := range a.complete(c, a.line.Args) {
				fmt.Fprintln(a.stdout, word)
			}
			return nil
		},
	}
}

// complete finds the words that may stand at the end.
func (a *app) complete(c *cli.Context, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	before := words[:len(words)-1]
	tool := a.cli(a.program())
	verb, arguments := completionVerbOf(tool, before)
	switch {
	case verb == nil:
		return withPrefix(verbNames(tool), last)
	case len(before) > 0 && (before[len(before)-1] == "-c" || before[len(before)-1] == "--container"):
		return withPrefix(a.containersOf(c, arguments), last)
	case strings.HasPrefix(last, "-"):
		return withPrefix(flagNames(verb), last)
	}
	return withPrefix(a.argumentsOf(c, verb.Name, arguments), last)
}

// completionVerbOf finds the verb in the words so far, and the arguments behind it.
func completionVerbOf(tool *cli.App, words []string) (*cli.Command, []string) {
	var verb *cli.Command
	var arguments []string
	for _, w := range words {
		switch {
		case strings.HasPrefix(w, "-"):
		case verb == nil:
			verb = findVerb(tool, w)
		default:
			arguments = append(arguments, w)
		}
	}
	return verb, arguments
}

func verbNames(tool *cli.App) []string {
	var names []string
	for _, command := range tool.Commands {
		if !command.Hidden {
			names = append(names, command.Name)
		}
	}
	return names
}

func flagNames(verb *cli.Command) []string {
	var names []string
	for _, f := range append(slices.Clone(verb.Flags), globalFlags()...) {
		if v, ok := f.(cli.VisibleFlag); ok && v.IsVisible() {
			names = append(names, "--"+f.Names()[0])
		}
	}
	return names
}

// setArguments are "image", then pods.
func (a *app) setArguments(c *cli.Context, arguments []string) []string {
	if len(arguments) == 0 {
		return []string{"image"}
	}
	return a.namesOf(c, simulator.Pods, "pod/")
}

// argumentsOf are the names that a verb takes next.
func (a *app) argumentsOf(c *cli.Context, verb string, arguments []string) []string {
	switch verb {
	case "logs", "exec", "attach", "port-forward", "debug", "cp", "ports", "diagnose":
		return a.namesOf(c, simulator.Pods, "")
	case "set":
		return a.setArguments(c, arguments)
	case "completion":
		return []string{"bash", "zsh", "fish"}
	case "wait":
		return a.namesOf(c, simulator.Pods, "pod/")
	case "get", "describe", "delete", "label", "annotate", "patch", "top":
		if len(arguments) == 0 {
			var kinds []string
			for _, k := range resource.Kinds() {
				kinds = append(kinds, k.Plural)
			}
			return kinds
		}
		if kinds, err := resource.Lookup(arguments[0]); err == nil {
			return a.namesOf(c, simulator.Kind(kinds[0].Name), "")
		}
	}
	return nil
}

// namesOf lists objects; a shell that completes hears of no errors.
func (a *app) namesOf(c *cli.Context, kind simulator.Kind, prefix string) []string {
	s, err := a.connect(c)
	if err != nil {
		return nil
	}
	defer s.close()
	list, err := s.List(c.Context, kind, simulator.ListOptions{})
	if err != nil {
		return nil
	}
	var names []string
	for _, obj := range list {
		names = append(names, prefix+obj.GetName())
	}
	return names
}

func (a *app) containersOf(c *cli.Context, arguments []string) []string {
	if len(arguments) == 0 {
		return nil
	}
	name, err := resource.PodName(arguments[0])
	if err != nil {
		return nil
	}
	s, err := a.connect(c)
	if err != nil {
		return nil
	}
	defer s.close()
	pod, err := s.Pod(c.Context, "", name)
	if err != nil {
		return nil
	}
	return simulator.ContainerNames(pod)
}

func withPrefix(words []string, prefix string) []string {
	var out []string
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			out = append(out, w)
		}
	}
	return out
}

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/args"
)

// app is one run of the command line.
type app struct {
	// name is how the program was called: docker-pod and kubectl-podsim are plugins.
	name           string
	stdin          io.Reader
	stdout, stderr io.Writer
	// force is closed when the user insists on an end at once.
	force <-chan struct{}
	// cleaning is set while the end of the process would leave things behind.
	cleaning atomic.Bool
	// line is the command line of the verb, in order.
	line args.Ordered
}

// commands are the verbs in the order of the help text.
func (a *app) commands() []*cli.Command {
	return []*cli.Command{
		a.runVerb(), a.applyVerb(), a.createVerb(), a.replaceVerb(), a.deleteVerb(),
		a.getVerb(), a.describeVerb(), a.logsVerb(), a.execVerb(), a.attachVerb(), a.cpVerb(), a.portForwardVerb(),
		a.waitVerb(), a.eventsVerb(), a.topVerb(), a.debugVerb(),
		a.lintVerb(), a.portsVerb(), a.diagnoseVerb(),
		a.labelVerb(), a.annotateVerb(), a.patchVerb(), a.setVerb(),
		a.gcVerb(), a.nodeVerb(), a.versionVerb(), a.completionVerb(), a.completeVerb(), a.configVerb(), a.apiResourcesVerb(),
	}
}

// run carries out a command line and returns the exit code.
func (a *app) run(ctx context.Context, argv []string) int {
	program := a.program()
	if program == "docker pod" {
		if len(argv) > 0 && argv[0] == "docker-cli-plugin-metadata" {
			fmt.Fprintln(a.stdout, pluginMetadata())
			return 0
		}
	}
	if len(argv) == 1 && argv[0] == "--version" {
		argv = []string{"version"}
	}
	tool := a.cli(program)
	ordered, err := a.order(tool, argv)
	if err == nil {
		err = tool.RunContext(ctx, append([]string{program}, ordered...))
	}
	return report(ctx, a.stderr, err)
}

// program is the name that the user knows.
func (a *app) program() string {
	switch base := strings.TrimSuffix(filepath.Base(a.name), ".exe"); base {
	case "docker-pod":
		return "docker pod"
	case "kubectl-podsim":
		return "kubectl podsim"
	}
	return "podsim"
}

func (a *app) cli(program string) *cli.App {
	commands := a.commands()
	for _, command := range commands {
		lines := strings.Split(command.UsageText, " | ")
		for i := range lines {
			if lines[i] == "" {
				lines[i] = command.Name
			}
			lines[i] = program + " " + lines[i]
		}
		command.UsageText = strings.Join(lines, "\n")
		command.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
			usage := usageOf(program+" "+command.Name, flagError(command, err))
			if command.Name == "run" {
				return &exitError{code: exitUsage, err: usage}
			}
			return usage
		}
		if command.Usage != "" {
			command.CustomHelpTemplate = helpTemplate(verbHelp(program, command))
		}
	}
	return &cli.App{
		Name: program, HelpName: program, Usage: "run Kubernetes pods on Docker, as a kubelet would",
		UsageText: program + " VERB [ARGUMENT...] [FLAG...]",
		Reader:    a.stdin, Writer: a.stdout, ErrWriter: a.stderr,
		Flags: globalFlags(), Commands: commands,
		CustomAppHelpTemplate: helpTemplate(programHelp(program, commands, globalFlags())),
		HideVersion:           true, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usagef("%w", err) },
		Action:         func(c *cli.Context) error { return cli.ShowAppHelp(c) },
	}
}

// order puts the command line in the order that the command library reads: global flags, verb, its flags, arguments.
func (a *app) order(tool *cli.App, argv []string) ([]string, error) {
	globals := flagsOf(tool.Flags, true)
	help := args.Flag{Names: []string{"help", "h"}, Bool: true}
	before, verb, rest, err := args.Verb(argv, append([]args.Flag{help}, globals...))
	if err != nil {
		return nil, usageOf(tool.Name, err)
	}
	if verb == "pod" && tool.Name == "docker pod" {
		// docker hands its own flags and the plugin's name on.
		more, name, after, err := args.Verb(rest, append([]args.Flag{help}, globals...))
		if err != nil {
			return nil, usageOf(tool.Name, err)
		}
		before, verb, rest = append(before, more...), name, after
	}
	before, helpWanted := withoutHelp(before)
	a.line = args.Ordered{Dash: -1}
	if verb == "" || verb == "help" {
		return slices.Concat(before, []string{"help"}, rest), nil
	}
	command := findVerb(tool, verb)
	if command == nil {
		return nil, unknownVerb(tool, verb)
	}
	line, err := args.Order(rest, slices.Concat(flagsOf(command.Flags, false), []args.Flag{help}, globals))
	if err != nil {
		usage := usageOf(tool.Name+" "+command.Name, err)
		if command.Name == "run" {
			return nil, &exitError{code: exitUsage, err: usage}
		}
		return nil, usage
	}
	local, wantsHelp := withoutHelp(line.Local)
	if helpWanted || wantsHelp {
		return []string{"help", command.Name}, nil
	}
	a.line = line
	return slices.Concat(before, line.Global, []string{command.Name}, local, []string{"--"}, line.Args), nil
}

// withoutHelp takes --help out of flags in order.
func withoutHelp(flags []string) (rest []string, wanted bool) {
	rest = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return strings.HasPrefix(f, "--help=") })
	return rest, len(rest) < len(flags)
}

func findVerb(tool *cli.App, name string) *cli.Command {
	i := slices.IndexFunc(tool.Commands, func(c *cli.Command) bool { return c.HasName(name) })
	if i < 0 {
		return nil
	}
	return tool.Commands[i]
}

// flagsOf tells the ordering what it has to know.
func flagsOf(flags []cli.Flag, global bool) []args.Flag {
	var out []args.Flag
	for _, f := range flags {
		flag := args.Flag{Names: f.Names(), Global: global}
		switch f := f.(type) {
		case *cli.BoolFlag:
			flag.Bool = true
		case *optionalFlag:
			flag.Bare = f.Bare
		}
		out = append(out, flag)
	}
	return out
}

// usageOf makes an error of the command line one that says where to read more.
func usageOf(command string, err error) error {
	return &usageError{err: err, help: fmt.Sprintf("See '%s --help' for usage.", command)}
}

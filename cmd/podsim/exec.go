package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// streamOptions are those of exec and attach.
type streamOptions struct {
	namespace, pod string
	container      string
	command        []string
	stdin, tty     bool
	quiet          bool
}

func streamFlags() []cli.Flag {
	return []cli.Flag{
		containerFlag(),
		&cli.BoolFlag{Name: "stdin", Aliases: []string{"i"}, Usage: "pass standard input on"},
		&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "make it a terminal"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only what the process prints"},
		&cli.DurationFlag{Name: "pod-running-timeout", Hidden: true},
		filesFlag("`FILE` that names the pod"),
	}
}

func (a *app) streamOptions(c *cli.Context) streamOptions {
	return streamOptions{
		namespace: c.String("namespace"), container: c.String("container"),
		stdin: c.Bool("stdin"), tty: c.Bool("tty"), quiet: c.Bool("quiet"),
	}
}

func (a *app) execVerb() *cli.Command {
	return &cli.Command{
		Name: "exec", Usage: "run a command in a container", UsageText: "exec POD [-c CONTAINER] [-it] -- COMMAND [ARGUMENT...]",
		Flags: streamFlags(),
		Action: func(c *cli.Context) error {
			o := a.streamOptions(c)
			before, command := a.line.Split()
			switch {
			case len(before) == 0:
				return usagef("pod, type/name or --filename must be specified")
			case len(before) > 1:
				return a.helpfulf(c, "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead")
			case len(command) == 0:
				return usagef("you must specify at least one command for the container")
			}
			var err error
			if o.pod, err = resource.PodName(before[0]); err != nil {
				return err
			}
			o.command = command
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.exec(c.Context, s, o)
		},
	}
}

func (a *app) exec(ctx context.Context, s *session, o streamOptions) error {
	container, err := a.streamTarget(ctx, s, o, "exec into")
	if err != nil {
		return err
	}
	var code int
	err = a.withTerminal(ctx, o, func(ctx context.Context, e simulator.ExecOptions) error {
		e.Container, e.Command = container, o.command
		var err error
		code, err = s.Exec(ctx, o.namespace, o.pod, e)
		return err
	})
	if err != nil {
		return err
	}
	if code != 0 {
		return a.terminated(code)
	}
	return nil
}

// terminated ends the command with the code that a container's command ended with.
func (a *app) terminated(code int) error {
	fmt.Fprintf(a.stderr, "command terminated with exit code %d\n", code)
	return exitWith(code)
}

// streamTarget checks that the pod still runs, and chooses the container.
func (a *app) streamTarget(ctx context.Context, s *session, o streamOptions, doing string) (string, error) {
	pod, err := s.Pod(ctx, o.namespace, o.pod)
	if err != nil {
		return "", err
	}
	if simulator.Ended(pod) {
		return "", fmt.Errorf("cannot %s a container in a completed pod; current phase is %s", doing, pod.Status.Phase)
	}
	choice, err := simulator.ChooseContainer(pod, o.container)
	if err != nil && doing == "attach" {
		return "", fmt.Errorf("cannot attach to the container: container %s not found in pod %s", o.container, pod.Name)
	}
	if err != nil {
		return "", err
	}
	if choice.Notice != "" && !o.quiet {
		fmt.Fprintln(a.stderr, choice.Notice)
	}
	return choice.Name, nil
}

package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

func (a *app) attachVerb() *cli.Command {
	return &cli.Command{
		Name: "attach", Usage: "connect to the process of a container", UsageText: "attach POD [-c CONTAINER] [-it]",
		Flags: streamFlags(),
		Action: func(c *cli.Context) error {
			o := a.streamOptions(c)
			if len(a.line.Args) != 1 {
				return usagef("at least 1 argument is required for attach")
			}
			var err error
			if o.pod, err = resource.PodName(a.line.Args[0]); err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.attach(c.Context, s, o)
		},
	}
}

func (a *app) attach(ctx context.Context, s *session, o streamOptions) error {
	container, err := a.streamTarget(ctx, s, o, "attach")
	if err != nil {
		return err
	}
	if !o.quiet {
		fmt.Fprintln(a.stderr, "All commands and output from this session will be recorded in container logs, "+
			"including credentials and sensitive information passed through the command prompt.")
		fmt.Fprintln(a.stderr, "If you don't see a command prompt, try pressing enter.")
	}
	return a.withTerminal(ctx, o, func(ctx context.Context, e simulator.ExecOptions) error {
		e.Container = container
		return s.Attach(ctx, o.namespace, o.pod, e)
	})
}

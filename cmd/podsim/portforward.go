package main

import (
	"errors"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

func (a *app) portForwardVerb() *cli.Command {
	return &cli.Command{
		Name: "port-forward", Usage: "reach ports of a pod from here", UsageText: "port-forward POD [LOCAL:]REMOTE...",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "address", Usage: "`ADDRESS` to listen on (default localhost)"},
			&cli.DurationFlag{Name: "pod-running-timeout", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			if len(a.line.Args) < 2 {
				return a.helpfulf(c, "TYPE/NAME and list of ports are required for port-forward")
			}
			pod, err := resource.PodName(a.line.Args[0])
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			err = s.PortForward(c.Context, c.String("namespace"), pod, simulator.PortForwardOptions{
				Addresses: commaList(c.StringSlice("address")), Ports: a.line.Args[1:], Out: a.stdout, ErrOut: a.stderr,
			})
			var interrupted *interruptedError
			if errors.As(err, &interrupted) && interrupted.signal == os.Interrupt {
				return nil // Ctrl-C is how it ends, as with kubectl
			}
			return err
		},
	}
}

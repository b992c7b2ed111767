package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

func (a *app) gcVerb() *cli.Command {
	return &cli.Command{
		Name: "gc", Usage: "remove what pods that are gone left on the engine",
		Flags: []cli.Flag{dryRunFlag()},
		Action: func(c *cli.Context) error {
			dry, err := dryRun(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			find, did := s.RemoveLeftovers, "removed"
			if dry {
				find, did = s.Leftovers, "removed (dry run)"
			}
			found, err := find(c.Context)
			for _, l := range found {
				fmt.Fprintln(a.stdout, leftoverText(l), did)
			}
			if err == nil && len(found) == 0 {
				fmt.Fprintln(a.stderr, "Nothing is left over.")
			}
			return err
		},
	}
}

func leftoverText(l simulator.Leftover) string {
	text := l.Kind + "/" + l.Name
	if l.Pod != "" {
		text += " of pod " + l.Pod
	}
	return text
}

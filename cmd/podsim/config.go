package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// configVerb answers what scripts ask of kubectl's configuration.
func (a *app) configVerb() *cli.Command {
	return &cli.Command{
		Name: "config", Hidden: true, Usage: "tell which engine is used, in the place of kubectl's configuration",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "minify"}, outputFlag("ignored")},
		Action: func(c *cli.Context) error {
			what := ""
			if len(a.line.Args) > 0 {
				what = a.line.Args[0]
			}
			name := c.String("context")
			if name == "" {
				name = "default"
			}
			switch what {
			case "current-context":
				fmt.Fprintln(a.stdout, name)
			case "get-contexts", "view":
				fmt.Fprintf(a.stdout, "apiVersion: v1\nkind: Config\ncurrent-context: %s\nclusters: []\ncontexts: []\nusers: []\n", name)
			default:
				return usagef("podsim has no configuration: config takes current-context and view")
			}
			return nil
		},
	}
}

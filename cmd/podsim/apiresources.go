package main

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
)

func (a *app) apiResourcesVerb() *cli.Command {
	return &cli.Command{
		Name: "api-resources", Usage: "list the kinds of objects that podsim keeps",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-headers", Usage: "leave the first line out"}, outputFlag("name, for the names alone"),
			&cli.BoolFlag{Name: "namespaced", Hidden: true}, &cli.StringFlag{Name: "verbs", Hidden: true},
			&cli.StringFlag{Name: "api-group", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			var rows [][]string
			for _, k := range resource.Kinds() {
				if c.IsSet("namespaced") && c.Bool("namespaced") == k.ClusterScoped {
					continue
				}
				if c.String("output") == "name" {
					rows = append(rows, []string{k.Plural})
					continue
				}
				rows = append(rows, []string{k.Plural, strings.Join(k.Short, ","), "v1", strconv.FormatBool(!k.ClusterScoped), k.Name})
			}
			header := []string{"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"}
			if c.Bool("no-headers") || c.String("output") == "name" {
				header = nil
			}
			return print.Columns(a.stdout, header, rows)
		},
	}
}

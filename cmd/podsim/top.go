package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// topOptions are those of top pod.
type topOptions struct {
	list       simulator.ListOptions
	containers bool
	noHeaders  bool
	sum        bool
	sortBy     string
}

func (a *app) topVerb() *cli.Command {
	return &cli.Command{
		Name: "top", Usage: "show what pods use", UsageText: "top pod [NAME]",
		Flags: []cli.Flag{
			selectorFlag(), fieldSelectorFlag(), allNamespacesFlag(),
			&cli.BoolFlag{Name: "containers", Usage: "for each container"},
			&cli.BoolFlag{Name: "no-headers", Usage: "leave the first line out"},
			&cli.BoolFlag{Name: "sum", Usage: "add a line with the sum"},
			&cli.StringFlag{Name: "sort-by", Usage: "cpu or memory"},
			&cli.BoolFlag{Name: "use-protocol-buffers", Hidden: true}, &cli.BoolFlag{Name: "show-swap", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			o := topOptions{
				list:       listOptions(c),
				containers: c.Bool("containers"), noHeaders: c.Bool("no-headers"), sum: c.Bool("sum"), sortBy: c.String("sort-by"),
			}
			selection, err := resource.Parse(a.line.Args)
			if err != nil || selection.Refs[0].Kind.Name != resource.Pod.Name || len(selection.Refs) > 1 {
				return usagef("top takes pods: top pod [NAME]")
			}
			if o.sortBy != "" && o.sortBy != "cpu" && o.sortBy != "memory" {
				return usagef("--sort-by accepts only cpu or memory")
			}
			o.list.Name = selection.Refs[0].Name
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.top(c.Context, s, o)
		},
	}
}

func (a *app) top(ctx context.Context, s *session, o topOptions) error {
	if o.list.Name != "" {
		if _, err := s.Pod(ctx, o.list.Namespace, o.list.Name); err != nil {
			return err
		}
	}
	pods, err := s.Top(ctx, o.list)
	if err != nil {
		return err
	}
	if len(pods) == 0 {
		a.nothingFound(s, o.list)
		return nil
	}
	slices.SortStableFunc(pods, func(x, y simulator.PodUsage) int { return compareUsage(x.Total, y.Total, o.sortBy) })
	header, rows := topRows(pods, o)
	if o.noHeaders {
		header = nil
	}
	return print.Columns(a.stdout, header, rows)
}

// compareUsage puts the greatest first.
func compareUsage(x, y simulator.Usage, by string) int {
	switch by {
	case "cpu":
		return cmp.Compare(y.MilliCPU, x.MilliCPU)
	case "memory":
		return cmp.Compare(y.Memory, x.Memory)
	}
	return 0
}

func topRows(pods []simulator.PodUsage, o topOptions) (header []string, rows [][]string) {
	header = []string{"NAME", "CPU(cores)", "MEMORY(bytes)"}
	if o.containers {
		header = []string{"POD", "NAME", "CPU(cores)", "MEMORY(bytes)"}
	}
	if o.list.AllNamespaces {
		header = append([]string{"NAMESPACE"}, header...)
	}
	var sum simulator.Usage
	for _, pod := range pods {
		sum.MilliCPU += pod.Total.MilliCPU
		sum.Memory += pod.Total.Memory
		var before []string
		if o.list.AllNamespaces {
			before = []string{pod.Namespace}
		}
		if !o.containers {
			rows = append(rows, slices.Concat(before, []string{pod.Name}, usageCells(pod.Total)))
			continue
		}
		for _, c := range pod.Containers {
			rows = append(rows, slices.Concat(before, []string{pod.Name, c.Name}, usageCells(c.Usage)))
		}
	}
	if o.sum {
		empty := make([]string, len(header)-2)
		rows = append(rows, slices.Concat(empty, []string{"________", "________"}), slices.Concat(empty, usageCells(sum)))
	}
	return header, rows
}

func usageCells(u simulator.Usage) []string {
	return []string{fmt.Sprintf("%dm", u.MilliCPU), fmt.Sprintf("%dMi", u.Memory/(1<<20))}
}

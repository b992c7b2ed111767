package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

func (a *app) portsVerb() *cli.Command {
	return &cli.Command{
		Name: "ports", Usage: "show who listens on what in a pod", UsageText: "ports POD",
		Flags: []cli.Flag{outputFlag("`FORMAT`: wide, json")},
		Action: func(c *cli.Context) error {
			pod, err := a.onePod("ports")
			if err != nil {
				return err
			}
			output := c.String("output")
			if output != "" && output != "wide" && output != "json" {
				return usagef("-o is wide or json, not %q", output)
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			ports, err := s.Ports(c.Context, c.String("namespace"), pod)
			if err != nil {
				return err
			}
			if output == "json" {
				return a.printJSON(ports)
			}
			return a.printPorts(ports, output == "wide")
		},
	}
}

// onePod is the pod that the verb's only argument names.
func (a *app) onePod(verb string) (string, error) {
	if len(a.line.Args) != 1 {
		return "", usagef("%s needs one POD", verb)
	}
	return resource.PodName(a.line.Args[0])
}

func (a *app) printPorts(ports simulator.PodPorts, wide bool) error {
	if len(ports.List) == 0 {
		fmt.Fprintf(a.stderr, "Nobody listens in pod %s, and it declares no port.\n", ports.Pod.Name)
		return nil
	}
	if !ports.HoldersKnown {
		a.warn("the engine does not let podsim see processes: sockets are shown without their containers")
	}
	header := []string{"CONTAINER", "PROCESS", "PROTOCOL", "ADDRESS", "PORT", "NAME", "NOTE"}
	if wide {
		header = append(header, "PID", "DECLARED")
	}
	var rows [][]string
	for _, l := range ports.List {
		address := "-"
		if l.Address.IsValid() {
			address = l.Address.String()
		}
		row := []string{dash(l.Container), dash(l.Process), l.Protocol, address, strconv.Itoa(int(l.Port)), dash(l.Name), l.Note}
		if wide {
			pid := "-"
			if l.PID != 0 {
				pid = strconv.Itoa(l.PID)
			}
			row = append(row, pid, strconv.FormatBool(l.Declared))
		}
		rows = append(rows, row)
	}
	return print.Columns(a.stdout, header, rows)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/simulator"
)

func (a *app) diagnoseVerb() *cli.Command {
	return &cli.Command{
		Name: "diagnose", Usage: "say why a pod is not ready, or why it failed", UsageText: "diagnose POD",
		Flags: []cli.Flag{outputFlag("`FORMAT`: json")},
		Action: func(c *cli.Context) error {
			pod, err := a.onePod("diagnose")
			if err != nil {
				return err
			}
			output := c.String("output")
			if output != "" && output != "json" {
				return usagef("-o is json, not %q", output)
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			d, err := s.Diagnose(c.Context, c.String("namespace"), pod)
			if err != nil {
				return err
			}
			if output == "json" {
				return a.printJSON(diagnosis(d))
			}
			a.printDiagnosis(d)
			return nil
		},
	}
}

// diagnosisJSON is what diagnose -o json prints.
type diagnosisJSON struct {
	Namespace string              `json:"namespace"`
	Name      string              `json:"name"`
	Status    string              `json:"status"`
	Ready     bool                `json:"ready"`
	Findings  []simulator.Finding `json:"findings"`
}

func diagnosis(d simulator.Diagnosis) diagnosisJSON {
	out := diagnosisJSON{
		Namespace: d.Pod.Namespace, Name: d.Pod.Name, Status: print.Status(d.Pod), Ready: d.Ready, Findings: d.Findings,
	}
	if out.Findings == nil {
		out.Findings = []simulator.Finding{}
	}
	return out
}

// printDiagnosis prints a block for each finding, the most likely cause first.
func (a *app) printDiagnosis(d simulator.Diagnosis) {
	verdict := "not ready"
	switch {
	case d.Pod.Status.Phase == v1.PodSucceeded:
		verdict = "done"
	case d.Pod.Status.Phase == v1.PodFailed:
		verdict = "failed"
	case d.Ready:
		verdict = "ready"
	}
	ready := fmt.Sprintf(", %s containers ready", print.Ready(d.Pod))
	if d.Pod.Status.Phase == v1.PodSucceeded {
		ready = ""
	}
	fmt.Fprintf(a.stdout, "pod %s: %s (%s%s)\n", d.Pod.Name, verdict, print.Status(d.Pod), ready)
	if len(d.Findings) == 0 {
		if !d.Ready {
			fmt.Fprintln(a.stdout, "\nNo cause found: it may still be on its way. See describe and logs.")
		}
		return
	}
	for _, f := range d.Findings {
		kind := "cause"
		if f.Note {
			kind = "note"
		}
		fmt.Fprintf(a.stdout, "\n%s: %s\n", kind, f.Summary)
		for _, line := range f.Details {
			fmt.Fprintln(a.stdout, "  "+line)
		}
		if len(f.Log) > 0 {
			fmt.Fprintf(a.stdout, "  last lines of %q:\n", f.Container)
			for _, line := range f.Log {
				fmt.Fprintln(a.stdout, "    | "+strings.ToValidUTF8(line, "?"))
			}
		}
		if f.Fix != "" {
			fmt.Fprintln(a.stdout, "  what to do: "+f.Fix)
		}
	}
}

func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "    ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

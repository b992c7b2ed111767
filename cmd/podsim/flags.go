package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

// optionalFlag is a flag whose value may be left out: --wait is --wait=Bare.
type optionalFlag struct {
	*cli.StringFlag
	Bare string
}

// globalFlags go with every verb, anywhere on the command line.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "host", Aliases: []string{"H"}, Usage: "`ENDPOINT` of the Docker Engine, as for docker --host"},
		&cli.StringFlag{Name: "context", Usage: "docker context `NAME`"},
		&cli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Usage: "`NAMESPACE` of the pods (default \"default\")"},
		&cli.StringFlag{Name: "home", Usage: "`DIRECTORY` of podsim's state (default $PODSIM_HOME or the XDG state directory)"},
		&cli.StringFlag{Name: "runtime", Value: "docker", Usage: "engine to use: docker, or fake (in memory, for trying out)"},
		&cli.StringFlag{Name: "pause-image", EnvVars: []string{"PODSIM_PAUSE_IMAGE"}, Usage: "`IMAGE` to use in place of the embedded pause image"},
		&cli.StringFlag{Name: "v", Usage: "`LEVEL` of the developers' log on stderr, 0 to 9"},
		// What scripts give to kubectl and what has no meaning here.
		&cli.StringFlag{Name: "kubeconfig", Hidden: true},
		&cli.StringFlag{Name: "request-timeout", Hidden: true},
		&cli.StringFlag{Name: "cluster", Hidden: true},
		&cli.StringFlag{Name: "user", Hidden: true},
		&cli.StringFlag{Name: "server", Hidden: true},
		&cli.BoolFlag{Name: "insecure-skip-tls-verify", Hidden: true},
		&cli.BoolFlag{Name: "warnings-as-errors", Hidden: true},
	}
}

// Flags that several verbs share.

func filesFlag(usage string) cli.Flag {
	return &cli.StringSliceFlag{Name: "filename", Aliases: []string{"f"}, Usage: usage}
}

func selectorFlag() cli.Flag {
	return &cli.StringFlag{Name: "selector", Aliases: []string{"l"}, Usage: "label `SELECTOR` (app=web,tier!=db)"}
}

func fieldSelectorFlag() cli.Flag {
	return &cli.StringFlag{Name: "field-selector", Usage: "field `SELECTOR` (status.phase=Running)"}
}

func allNamespacesFlag() cli.Flag {
	return &cli.BoolFlag{Name: "all-namespaces", Aliases: []string{"A"}, Usage: "in every namespace"}
}

func containerFlag() cli.Flag {
	return &cli.StringFlag{Name: "container", Aliases: []string{"c"}, Usage: "container `NAME`"}
}

func outputFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: usage}
}

func templateFlags() []cli.Flag {
	return []cli.Flag{
		outputFlag("`FORMAT`: wide, name, json, yaml, jsonpath=..., go-template=..., custom-columns=..."),
		&cli.StringFlag{Name: "template", Usage: "template for -o go-template, jsonpath and custom-columns"},
		&cli.BoolFlag{Name: "allow-missing-template-keys", Value: true, Usage: "ignore fields that are not there"},
		&cli.BoolFlag{Name: "show-managed-fields", Hidden: true},
	}
}

func dryRunFlag() cli.Flag {
	return &optionalFlag{Bare: "client", StringFlag: &cli.StringFlag{
		Name: "dry-run", Value: "none", Usage: "none, client or server: only say what would be done",
	}}
}

func validateFlag() cli.Flag {
	return &optionalFlag{Bare: "strict", StringFlag: &cli.StringFlag{
		Name: "validate", Value: "strict", Usage: "strict, or false to drop unknown fields with a warning",
	}}
}

func recursiveFlag() cli.Flag {
	return &cli.BoolFlag{Name: "recursive", Aliases: []string{"R"}, Usage: "read the directories below those of -f too"}
}

// badValue is what package flag says of a value that is none of its flag's.
var badValue = regexp.MustCompile(`(?s)^invalid (?:boolean )?value "(.*)" for (?:flag )?-(\S+): `)

// flagError puts an error about a flag's value into kubectl's words.
func flagError(command *cli.Command, err error) error {
	m := badValue.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	value, shown, why := m[1], "--"+m[2], error(nil)
	for _, f := range command.Flags {
		if f.Names()[0] != m[2] {
			continue
		}
		if names := f.Names(); len(names) > 1 && len(names[1]) == 1 {
			shown = "-" + names[1] + ", " + shown
		}
		why = reasonOf(f, value)
	}
	if why == nil {
		return err
	}
	return fmt.Errorf("invalid argument %q for %q flag: %w", value, shown, why)
}

// reasonOf is why a value is none of a flag's.
func reasonOf(f cli.Flag, value string) (err error) {
	switch f.(type) {
	case *cli.DurationFlag:
		_, err = time.ParseDuration(value)
	case *cli.Int64Flag, *cli.IntFlag:
		_, err = strconv.ParseInt(value, 0, 64)
	case *cli.BoolFlag:
		_, err = strconv.ParseBool(value)
	}
	return err
}

// dryRun reads dryRunFlag.
func dryRun(c *cli.Context) (bool, error) {
	switch value := c.String("dry-run"); value {
	case "none", "":
		return false, nil
	case "client", "server", "true":
		return true, nil
	default:
		return false, usagef(`Invalid dry-run value (%s). Must be "none", "server", or "client".`, value)
	}
}

// dryRunNote is what a dry run adds to the line that says what would be done.
func dryRunNote(c *cli.Context) string {
	switch c.String("dry-run") {
	case "none", "":
		return ""
	case "server":
		return " (server dry run)"
	}
	return " (dry run)"
}

// lenient reads validateFlag.
func lenient(c *cli.Context) (bool, error) {
	switch value := c.String("validate"); value {
	case "strict", "true", "":
		return false, nil
	case "false", "ignore", "warn":
		return true, nil
	default:
		return false, usagef(`Invalid validate value (%s). Must be "strict", "warn", or "ignore".`, value)
	}
}

// listOptions reads the flags that select objects.
func listOptions(c *cli.Context) simulator.ListOptions {
	return simulator.ListOptions{
		Namespace: c.String("namespace"), AllNamespaces: c.Bool("all-namespaces"),
		Labels: c.String("selector"), Fields: c.String("field-selector"),
	}
}

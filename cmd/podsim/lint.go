package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

// lintEngineTime is how long lint waits for an engine: it works without one.
const lintEngineTime = 3 * time.Second

func (a *app) lintVerb() *cli.Command {
	return &cli.Command{
		Name: "lint", Usage: "say what is wrong or doubtful in files before anything runs", UsageText: "lint FILE...",
		Flags: []cli.Flag{
			filesFlag("`FILE`, directory, URL or -, like an argument"), recursiveFlag(), validateFlag(), outputFlag("`FORMAT`: json"),
		},
		Action: func(c *cli.Context) error {
			o, err := a.lintOptions(c)
			if err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			files, err := a.lintFiles(c.Context, o.files)
			if err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			problems := a.lint(c, o, files)
			return a.printProblems(problems, o.json)
		},
	}
}

type lintOptions struct {
	files manifestOptions
	json  bool
}

func (a *app) lintOptions(c *cli.Context) (lintOptions, error) {
	var o lintOptions
	var err error
	if o.files, err = manifestFlags(c); err != nil {
		return o, err
	}
	o.files.files = append(o.files.files, a.line.Args...)
	if len(o.files.files) == 0 {
		return o, usagef("lint needs a FILE (- is standard input)")
	}
	switch output := c.String("output"); output {
	case "":
	case "json":
		o.json = true
	default:
		return o, usagef("-o is json, not %q", output)
	}
	return o, nil
}

// lintFiles reads all files, and says of all that cannot be read.
func (a *app) lintFiles(ctx context.Context, o manifestOptions) ([]simulator.LintFile, error) {
	var files []simulator.LintFile
	var errs []error
	for _, name := range o.files {
		paths, err := expand(name, o.recursive)
		errs = append(errs, err)
		for _, path := range paths {
			data, shown, err := a.readFile(ctx, path)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			files = append(files, simulator.LintFile{Name: shown, Data: data})
		}
	}
	return files, errors.Join(errs...)
}

// lint asks the engine for what exists, if there is one.
func (a *app) lint(c *cli.Context, o lintOptions, files []simulator.LintFile) []simulator.Problem {
	options := simulator.LintOptions{Namespace: o.files.namespace, Lenient: o.files.lenient}
	whole := c.Context
	ctx, cancel := context.WithTimeout(whole, lintEngineTime)
	defer cancel()
	c.Context = ctx
	if s, err := a.connect(c); err == nil {
		defer s.close()
		options.Simulator = s.Simulator
	}
	c.Context = whole
	return simulator.Lint(files, options)
}

// printProblems prints a line each; errors make the exit code 1.
func (a *app) printProblems(problems []simulator.Problem, asJSON bool) error {
	bad := false
	for _, p := range problems {
		bad = bad || p.Level == simulator.LevelError
		if !asJSON {
			fmt.Fprintln(a.stdout, p)
		}
	}
	if asJSON {
		if problems == nil {
			problems = []simulator.Problem{}
		}
		if err := a.printJSON(problems); err != nil {
			return err
		}
	}
	if bad {
		return exitWith(1)
	}
	return nil
}

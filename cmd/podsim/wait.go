package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

func (a *app) waitVerb() *cli.Command {
	return &cli.Command{
		Name: "wait", Usage: "wait until objects are as asked for", UsageText: "wait TYPE/NAME... --for=condition=Ready",
		Flags: append(templateFlags(),
			&cli.StringFlag{Name: "for", Usage: "`WHAT`: condition=NAME[=VALUE], jsonpath={...}[=VALUE], create, delete"},
			&cli.DurationFlag{Name: "timeout", Value: 30 * time.Second, Usage: "`DURATION` to wait for; 0 looks once, below 0 is a week"},
			&cli.BoolFlag{Name: "all", Usage: "every object of the type"}, selectorFlag(), fieldSelectorFlag(), allNamespacesFlag(),
			filesFlag("`FILE`, directory, URL or - that names the objects"), recursiveFlag(),
			&cli.BoolFlag{Name: "local", Hidden: true},
		),
		Action: func(c *cli.Context) error {
			if c.String("for") == "" {
				return &hintedError{
					err:  errors.New(`unrecognized condition: ""`),
					hint: "--for=condition=NAME[=VALUE], jsonpath={...}[=VALUE], create or delete",
				}
			}
			selection, err := a.selection(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.wait(c, s, selection)
		},
	}
}

func (a *app) wait(c *cli.Context, s *session, selection resource.Selection) error {
	printer, err := objectPrinter(c.String("output"), c.String("template"))
	if err != nil {
		return err
	}
	refs, err := selectedRefs(c, s, selection)
	if err != nil {
		return err
	}
	deletion := strings.EqualFold(c.String("for"), "delete")
	if len(refs) == 0 && !deletion {
		return errors.New("no matching resources found")
	}
	timeout, started := c.Duration("timeout"), time.Now()
	var errs []error
	for _, ref := range refs {
		left := timeout - time.Since(started)
		if timeout > 0 && left <= 0 {
			errs = append(errs, fmt.Errorf("timed out waiting for the condition on %s/%s", ref.Kind.Resource(), ref.Name))
			continue
		}
		if timeout <= 0 {
			left = timeout
		}
		obj, err := s.Wait(c.Context, ref, simulator.WaitOptions{For: c.String("for"), Timeout: left})
		switch {
		case err != nil:
			errs = append(errs, err)
		case obj == nil: // gone before
		case printer != nil:
			errs = append(errs, printer.Object(a.stdout, obj))
		default:
			fmt.Fprintln(a.stdout, titleOf(obj), "condition met")
		}
		if c.Context.Err() != nil {
			return context.Cause(c.Context)
		}
	}
	return errors.Join(errs...)
}

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

func (a *app) eventsVerb() *cli.Command {
	return &cli.Command{
		Name: "events", Usage: "show what happened", UsageText: "events [--for TYPE/NAME]",
		Flags: append(templateFlags(), allNamespacesFlag(),
			&cli.StringFlag{Name: "for", Usage: "only those of `TYPE/NAME`"},
			&cli.StringSliceFlag{Name: "types", Usage: "only those of `TYPE`: Normal or Warning"},
			&cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Usage: "go on and print new ones"},
			&cli.BoolFlag{Name: "no-headers", Usage: "leave the first line of the table out"},
			&cli.Int64Flag{Name: "chunk-size", Hidden: true},
		),
		Action: func(c *cli.Context) error {
			o, err := eventOptions(c)
			if err != nil {
				return err
			}
			printer, err := print.New(print.Options{
				Output: c.String("output"), Template: c.String("template"), NoHeaders: c.Bool("no-headers"),
			})
			if err != nil {
				return err
			}
			if len(a.line.Args) > 0 { // kubectl passes over them in silence
				fmt.Fprintf(a.stderr, "hint: events takes no names: --for pod/%s\n", a.line.Args[0])
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			if c.Bool("watch") {
				return a.watchEvents(c.Context, s, o, printer)
			}
			return a.listEvents(c.Context, s, o, printer)
		},
	}
}

func eventOptions(c *cli.Context) (simulator.EventOptions, error) {
	o := simulator.EventOptions{Namespace: c.String("namespace"), AllNamespaces: c.Bool("all-namespaces")}
	for _, kind := range commaList(c.StringSlice("types")) {
		switch {
		case strings.EqualFold(kind, v1.EventTypeNormal):
			o.Types = append(o.Types, v1.EventTypeNormal)
		case strings.EqualFold(kind, v1.EventTypeWarning):
			o.Types = append(o.Types, v1.EventTypeWarning)
		default:
			return o, usagef("valid --types are Normal or Warning")
		}
	}
	if about := c.String("for"); about != "" {
		ref, err := resource.ParseRef(about, resource.Kind{})
		if err != nil {
			return o, err
		}
		if ref.Kind.Name == "" {
			return o, usagef("--for must be in resource/name form")
		}
		target := refOf(ref, o.Namespace)
		o.For = &target
	}
	return o, nil
}

func (a *app) listEvents(ctx context.Context, s *session, o simulator.EventOptions, printer *print.Printer) error {
	list, err := s.Events(ctx, o)
	if err != nil {
		return err
	}
	events := make([]*v1.Event, len(list))
	objects := make([]print.Object, len(list))
	for i := range list {
		events[i], objects[i] = &list[i], &list[i]
	}
	switch {
	case !printer.IsTable():
		return printer.List(a.stdout, objects)
	case len(events) > 0:
		return printer.EventRows(a.stdout, print.EventsTable(events, o.AllNamespaces, time.Now()))
	case o.AllNamespaces:
		fmt.Fprintln(a.stderr, "No events found.")
	default:
		fmt.Fprintf(a.stderr, "No events found in %s namespace.\n", s.Namespace())
	}
	return nil
}

func (a *app) watchEvents(ctx context.Context, s *session, o simulator.EventOptions, printer *print.Printer) error {
	events, err := s.WatchEvents(ctx, o)
	if err != nil {
		return err
	}
	for event := range events {
		if printer.IsTable() {
			err = printer.EventRows(a.stdout, print.EventsTable([]*v1.Event{&event}, o.AllNamespaces, time.Now()))
		} else {
			err = printer.Object(a.stdout, &event)
		}
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// commaList takes lists apart that are given with commas.
func commaList(values []string) []string {
	var out []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

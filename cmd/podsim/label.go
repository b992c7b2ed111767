package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/simulator"
)

// metaOptions are those of label and annotate.
type metaOptions struct {
	change     simulator.MetaChange
	list       bool
	annotate   bool
	dryRunNote string
	printer    *print.Printer
}

func (a *app) labelVerb() *cli.Command    { return a.metaVerb("label", "change labels", false) }
func (a *app) annotateVerb() *cli.Command { return a.metaVerb("annotate", "change annotations", true) }

func (a *app) metaVerb(name, usage string, annotate bool) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, UsageText: name + " TYPE NAME KEY=VALUE... KEY-...",
		Flags: append(templateFlags(), selectorFlag(), fieldSelectorFlag(), allNamespacesFlag(), dryRunFlag(),
			filesFlag("`FILE`, directory, URL or - that names the objects"), recursiveFlag(),
			&cli.BoolFlag{Name: "all", Usage: "every object of the type"},
			&cli.BoolFlag{Name: "overwrite", Usage: "change values that are there"},
			&cli.BoolFlag{Name: "list", Usage: "print what there is"},
			&cli.StringFlag{Name: "resource-version", Hidden: true}, &cli.StringFlag{Name: "field-manager", Hidden: true},
			&cli.BoolFlag{Name: "local", Hidden: true},
		),
		Action: func(c *cli.Context) error {
			o := metaOptions{annotate: annotate, list: c.Bool("list"), dryRunNote: dryRunNote(c)}
			var err error
			if o.change.DryRun, err = dryRun(c); err != nil {
				return err
			}
			if err := a.metaChange(&o, len(c.StringSlice("filename")) > 0); err != nil {
				return err
			}
			o.change.Overwrite = c.Bool("overwrite")
			if o.printer, err = objectPrinter(c.String("output"), c.String("template")); err != nil {
				return err
			}
			return a.onEach(c, func(s *session, ref simulator.Ref) error { return a.changeMeta(c.Context, s, ref, o) })
		},
	}
}

// metaChange takes the changes (KEY=VALUE, KEY-) from the end of the arguments; what stays names the objects.
func (a *app) metaChange(o *metaOptions, files bool) error {
	var rest, changes []string
	for _, arg := range a.line.Args {
		isChange := strings.Contains(arg, "=") && arg[0] != '=' || strings.HasSuffix(arg, "-") && arg != "-"
		switch {
		case isChange:
			changes = append(changes, arg)
		case len(changes) > 0:
			return usagef("all resources must be specified before %s changes: %s", metaNoun(o.annotate), arg)
		default:
			rest = append(rest, arg)
		}
	}
	a.line.Args = rest
	if len(rest) == 0 && !files {
		return usagef("one or more resources must be specified as <resource> <name> or <resource>/<name>")
	}
	if len(changes) == 0 && !o.list {
		return usagef("at least one %s update is required", metaNoun(o.annotate))
	}
	o.change.Set = map[string]string{}
	for _, change := range changes {
		key, value, set := strings.Cut(change, "=")
		if set {
			o.change.Set[key] = value
		} else {
			o.change.Remove = append(o.change.Remove, strings.TrimSuffix(change, "-"))
		}
	}
	if o.annotate {
		return checkAnnotations(o.change)
	}
	return checkLabels(o.change)
}

// checkLabels refuses what kubectl does before it asks the server.
func checkLabels(change simulator.MetaChange) error {
	for _, key := range slices.Sorted(maps.Keys(change.Set)) {
		value := change.Set[key]
		if strings.Contains(value, "=") {
			return usagef("invalid label spec: %s=%s", key, value)
		}
		if errs := validation.IsValidLabelValue(value); len(errs) > 0 {
			return usagef("invalid label value: %q: %s", key+"="+value, strings.Join(errs, ";"))
		}
	}
	for _, key := range change.Remove {
		if _, both := change.Set[key]; both {
			return usagef("can not both modify and remove a label in the same command")
		}
	}
	return nil
}

func checkAnnotations(change simulator.MetaChange) error {
	var both []string
	for _, key := range change.Remove {
		if _, set := change.Set[key]; set {
			both = append(both, key)
		}
	}
	if len(both) > 0 {
		return usagef("can not both modify and remove the following annotation(s) in the same command: %s", strings.Join(both, ", "))
	}
	return nil
}

func metaNoun(annotate bool) string {
	if annotate {
		return "annotation"
	}
	return "label"
}

func (a *app) changeMeta(ctx context.Context, s *session, ref simulator.Ref, o metaOptions) error {
	before, err := s.Get(ctx, ref)
	if err != nil {
		return err
	}
	if o.list {
		a.listMeta(before, o.annotate)
		return nil
	}
	obj, changed, err := s.metaOf(ctx, ref, o)
	switch {
	case err != nil:
		return err
	case o.printer != nil:
		return o.printer.Object(a.stdout, obj)
	case !o.annotate:
		a.tellUnknownLabels(before, o)
	}
	fmt.Fprintln(a.stdout, titleOf(obj), metaDone(o, changed)+o.dryRunNote)
	return nil
}

// tellUnknownLabels names the labels that are to go and never were.
func (a *app) tellUnknownLabels(before simulator.Object, o metaOptions) {
	for _, key := range o.change.Remove {
		if _, there := before.GetLabels()[key]; !there {
			fmt.Fprintf(a.stdout, "label %q not found.\n", key)
		}
	}
}

func (s *session) metaOf(ctx context.Context, ref simulator.Ref, o metaOptions) (simulator.Object, bool, error) {
	if o.annotate {
		return s.Annotate(ctx, ref, o.change)
	}
	return s.Label(ctx, ref, o.change)
}

// metaDone is kubectl's word for what happened.
func metaDone(o metaOptions, changed bool) string {
	switch {
	case o.annotate:
		return "annotated"
	case !changed:
		return "not labeled"
	case len(o.change.Set) == 0:
		return "unlabeled"
	}
	return "labeled"
}

func (a *app) listMeta(obj simulator.Object, annotate bool) {
	values := obj.GetLabels()
	if annotate {
		values = obj.GetAnnotations()
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(a.stdout, "%s=%s\n", key, values[key])
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// metaOptions are those of label and annotate.
type metaOptions struct {
	change   simulator.MetaChange
	list     bool
	dryRun   bool
	annotate bool
	output   string
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
			o := metaOptions{annotate: annotate, list: c.Bool("list"), output: c.String("output")}
			var err error
			if o.dryRun, err = dryRun(c); err != nil {
				return err
			}
			if err := a.metaChange(&o, annotate); err != nil {
				return err
			}
			o.change.Overwrite = c.Bool("overwrite")
			selection, err := a.selection(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			refs, err := waitTargets(c, s, selection)
			if err != nil {
				return err
			}
			return a.changeMeta(c.Context, s, refs, o)
		},
	}
}

// metaChange takes the changes (KEY=VALUE, KEY-) from the end of the arguments; what stays names the objects.
func (a *app) metaChange(o *metaOptions, annotate bool) error {
	o.change.Set = map[string]string{}
	var rest []string
	for i, arg := range a.line.Args {
		key, value, set := strings.Cut(arg, "=")
		removed, remove := strings.CutSuffix(arg, "-")
		switch {
		case set && key != "":
			o.change.Set[key] = value
		case remove && i > 0 && (len(rest) > 1 || strings.Contains(rest[0], "/") || len(o.change.Set)+len(o.change.Remove) > 0):
			o.change.Remove = append(o.change.Remove, removed)
		case len(o.change.Set)+len(o.change.Remove) > 0:
			return usagef("all resources must be specified before %s changes: %s", metaNoun(annotate), arg)
		default:
			rest = append(rest, arg)
		}
	}
	for _, key := range o.change.Remove {
		if _, both := o.change.Set[key]; both {
			return usagef("can not both modify and remove %s in the same command", metaArticle(annotate))
		}
	}
	if len(o.change.Set)+len(o.change.Remove) == 0 && !o.list {
		return usagef("at least one %s update is required", metaNoun(annotate))
	}
	a.line.Args = rest
	return nil
}

func metaNoun(annotate bool) string {
	if annotate {
		return "annotation"
	}
	return "label"
}

func metaArticle(annotate bool) string {
	if annotate {
		return "an annotation"
	}
	return "a label"
}

func (a *app) changeMeta(ctx context.Context, s *session, refs []simulator.Ref, o metaOptions) error {
	printer, err := objectPrinter(o.output, "")
	if err != nil {
		return err
	}
	var errs []error
	for _, ref := range refs {
		obj, changed, err := s.metaOf(ctx, ref, o)
		kind, _ := resource.OfObject(string(ref.Kind))
		switch {
		case err != nil:
			errs = append(errs, err)
		case o.list:
			a.listMeta(obj, o.annotate)
		case printer != nil:
			errs = append(errs, printer.Object(a.stdout, obj))
		default:
			fmt.Fprintln(a.stdout, resource.Ref{Kind: kind, Name: ref.Name}, metaDone(o, changed))
		}
	}
	return errors.Join(errs...)
}

func (s *session) metaOf(ctx context.Context, ref simulator.Ref, o metaOptions) (simulator.Object, bool, error) {
	switch {
	case o.list || o.dryRun:
		obj, err := s.Get(ctx, ref)
		return obj, true, err
	case o.annotate:
		return s.Annotate(ctx, ref, o.change)
	}
	return s.Label(ctx, ref, o.change)
}

// metaDone is kubectl's word for what happened.
func metaDone(o metaOptions, changed bool) string {
	word := "labeled"
	switch {
	case o.annotate:
		word = "annotated"
	case !changed:
		word = "not labeled"
	case len(o.change.Set) == 0:
		word = "unlabeled"
	}
	if o.dryRun {
		word += " (dry run)"
	}
	return word
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

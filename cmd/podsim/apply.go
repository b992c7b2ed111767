package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// changeOptions are those of apply, create and replace.
type changeOptions struct {
	files      manifestOptions
	output     string
	template   string
	dryRun     bool
	dryRunNote string
	// local is a dry run without the server: what would be sent is not completed.
	local      bool
	saveConfig bool
	force      bool
	grace      int64
}

func changeFlags(more ...cli.Flag) []cli.Flag {
	flags := []cli.Flag{
		filesFlag("`FILE`, directory, URL or - with the objects"), recursiveFlag(), validateFlag(), dryRunFlag(),
		&cli.StringFlag{Name: "field-manager", Hidden: true},
		&cli.BoolFlag{Name: "server-side", Hidden: true},
		&cli.BoolFlag{Name: "force-conflicts", Hidden: true},
		&cli.StringFlag{Name: "kustomize", Aliases: []string{"k"}, Hidden: true},
	}
	return append(append(flags, templateFlags()...), more...)
}

func (a *app) changeOptions(c *cli.Context) (changeOptions, error) {
	o := changeOptions{
		output: c.String("output"), template: c.String("template"), saveConfig: c.Bool("save-config"),
		force: c.Bool("force"), grace: c.Int64("grace-period"),
	}
	if c.String("kustomize") != "" {
		return o, usagef("podsim does not build kustomizations: use `kubectl kustomize DIR | %s %s -f -`", a.program(), c.Command.Name)
	}
	var err error
	if o.dryRun, err = dryRun(c); err != nil {
		return o, err
	}
	o.dryRunNote, o.local = dryRunNote(c), o.dryRun && c.String("dry-run") != "server"
	if o.files, err = manifestFlags(c); err != nil {
		return o, err
	}
	if len(a.line.Args) > 0 {
		return o, a.helpfulf(c, "Unexpected args: %v", a.line.Args)
	}
	if len(o.files.files) == 0 {
		return o, usagef("must specify one of -f and -k")
	}
	return o, nil
}

func manifestFlags(c *cli.Context) (manifestOptions, error) {
	loose, err := lenient(c)
	return manifestOptions{
		files: c.StringSlice("filename"), recursive: c.Bool("recursive"), lenient: loose,
		namespace: c.String("namespace"), nameFromFile: true, verb: c.Command.Name,
	}, err
}

func (a *app) applyVerb() *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "create objects, or change them to what a file says", UsageText: "apply -f FILE...",
		Flags: changeFlags(
			&cli.BoolFlag{Name: "force", Hidden: true}, &cli.Int64Flag{Name: "grace-period", Value: -1, Hidden: true},
			&cli.BoolFlag{Name: "prune", Hidden: true}, &cli.BoolFlag{Name: "wait", Hidden: true},
			&cli.BoolFlag{Name: "overwrite", Hidden: true}, selectorFlag(),
		),
		Action: func(c *cli.Context) error {
			o, err := a.changeOptions(c)
			if err != nil {
				return err
			}
			if c.Bool("prune") {
				return usagef("podsim has no --prune: name what is to go with delete")
			}
			return a.change(c, o, "applying", func(ctx context.Context, s *session, m manifest) (done, error) {
				r, err := s.Apply(ctx, m.object, m.raw, simulator.ApplyOptions{DryRun: o.dryRun, Pod: podOptions(m)})
				a.warn(r.Warnings...)
				did := string(r.Op)
				if o.local && r.Op == simulator.Unchanged {
					did = string(simulator.Configured) // kubectl makes no patch then
				}
				return done{object: r.Object, did: did}, err
			})
		},
	}
}

// done is what became of one object.
type done struct {
	object simulator.Object
	did    string
}

// change reads the files and does one thing to each object, and goes on after errors as kubectl does.
func (a *app) change(c *cli.Context, o changeOptions, doing string, one func(context.Context, *session, manifest) (done, error)) error {
	printer, err := objectPrinter(o.output, o.template)
	if err != nil {
		return err
	}
	read := a.readManifests(c.Context, o.files)
	a.warn(read.warnings...)
	if len(read.objects) == 0 {
		return read.err
	}
	s, err := a.open(c)
	if err != nil {
		return err
	}
	defer s.close()
	outliveReaders()
	errs := []error{read.err}
	pods := false
	for _, m := range read.objects {
		result, err := one(c.Context, s, m)
		if err != nil {
			failed := &fileError{doing: doing, file: m.file, err: err}
			if result.did == string(simulator.Created) {
				failed.doing = "creating"
			}
			errs = append(errs, failed)
			continue
		}
		if result.did != string(simulator.Unchanged) {
			warnings, _ := simulator.Check(m.object)
			a.warn(warnings...)
		}
		pods = pods || simulator.KindOf(m.object) == simulator.Pods
		switch {
		case printer != nil && o.local && result.did == string(simulator.Created):
			errs = append(errs, printLocal(a.stdout, printer, m, result.object))
		case printer != nil:
			errs = append(errs, printer.Object(a.stdout, result.object))
		default:
			fmt.Fprintf(a.stdout, "%s %s%s\n", titleOf(result.object), result.did, o.dryRunNote)
		}
	}
	if pods && !o.dryRun {
		errs = append(errs, s.EnsureNode(c.Context))
	}
	return errors.Join(errs...)
}

// printLocal prints an object as kubectl would send it: as it stands in the file, with its namespace and the
// configuration that apply remembers.
func printLocal(w io.Writer, printer *print.Printer, m manifest, made simulator.Object) error {
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(m.raw, &u.Object); err != nil {
		return err
	}
	u.SetNamespace(made.GetNamespace())
	if applied, ok := made.GetAnnotations()[v1.LastAppliedConfigAnnotation]; ok {
		all := u.GetAnnotations()
		if all == nil {
			all = map[string]string{}
		}
		all[v1.LastAppliedConfigAnnotation] = applied
		u.SetAnnotations(all)
	}
	return printer.Object(w, u)
}

// titleOf is TYPE/NAME as verbs print it.
func titleOf(obj simulator.Object) string {
	return resource.Ref{Kind: kindOf(obj), Name: obj.GetName()}.String()
}

// kindOf is what the command line calls an object.
func kindOf(obj simulator.Object) resource.Kind {
	kind, _ := resource.OfObject(string(simulator.KindOf(obj)))
	return kind
}

// objectPrinter is the printer of -o for verbs that else print a line, nil for the line.
func objectPrinter(output, template string) (*print.Printer, error) {
	if output == "" && template == "" {
		return nil, nil
	}
	p, err := print.New(print.Options{Output: output, Template: template})
	if err == nil && p.IsTable() {
		return nil, usagef("unable to match a printer suitable for the output format %q, allowed formats are: %s", output, print.Formats)
	}
	return p, err
}

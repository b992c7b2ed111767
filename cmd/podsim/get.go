package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// getOptions are those of get.
type getOptions struct {
	selection      resource.Selection
	list           simulator.ListOptions
	print          print.Options
	watch          bool
	watchOnly      bool
	ignoreNotFound bool
}

func (a *app) getVerb() *cli.Command {
	flags := append(templateFlags(), allNamespacesFlag(), selectorFlag(), fieldSelectorFlag(),
		filesFlag("`FILE`, directory, URL or - that names the objects"), recursiveFlag(),
		&cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Usage: "go on and print changes"},
		&cli.BoolFlag{Name: "watch-only", Usage: "print changes alone"},
		&cli.BoolFlag{Name: "output-watch-events", Usage: "print with a change what kind it is"},
		&cli.BoolFlag{Name: "no-headers", Usage: "leave the first line of tables out"},
		&cli.BoolFlag{Name: "show-labels", Usage: "add the labels as the last column"},
		&cli.BoolFlag{Name: "show-kind", Usage: "put the kind before the names"},
		&cli.StringSliceFlag{Name: "label-columns", Aliases: []string{"L"}, Usage: "add a column with the value of this `LABEL`"},
		&cli.StringFlag{Name: "sort-by", Usage: "`JSONPATH` of the field to order by"},
		&cli.BoolFlag{Name: "ignore-not-found", Usage: "a missing object is no error"},
		&cli.Int64Flag{Name: "chunk-size", Hidden: true}, &cli.BoolFlag{Name: "server-print", Hidden: true},
		&cli.StringFlag{Name: "subresource", Hidden: true},
	)
	return &cli.Command{
		Name: "get", Usage: "show objects", UsageText: "get TYPE [NAME...] | get TYPE/NAME...",
		Flags: flags,
		Action: func(c *cli.Context) error {
			o, err := a.getOptions(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.get(c.Context, s, o)
		},
	}
}

func (a *app) getOptions(c *cli.Context) (getOptions, error) {
	o := getOptions{
		list:  listOptions(c),
		watch: c.Bool("watch") || c.Bool("watch-only"), watchOnly: c.Bool("watch-only"), ignoreNotFound: c.Bool("ignore-not-found"),
	}
	var err error
	if o.selection, err = a.selection(c); err != nil {
		return o, err
	}
	o.print = print.Options{
		Output: c.String("output"), Template: c.String("template"), NoHeaders: c.Bool("no-headers"),
		ShowLabels: c.Bool("show-labels"), LabelColumns: commaList(c.StringSlice("label-columns")), SortBy: c.String("sort-by"),
		WithNamespace: o.list.AllNamespaces, WithKind: c.Bool("show-kind") || o.selection.Several,
		FailOnMissingKeys: !c.Bool("allow-missing-template-keys"), Events: c.Bool("output-watch-events"),
	}
	switch {
	case o.selection.Slashed && o.list.Labels != "":
		err = usagef("selectors and the all flag cannot be used when passing resource/name arguments")
	case o.selection.Named && (o.list.Labels != "" || o.list.Fields != ""):
		err = usagef("name cannot be provided when a selector is specified")
	case o.selection.Named && o.list.AllNamespaces:
		err = usagef("a resource cannot be retrieved by name across all namespaces")
	case o.watch && len(o.selection.Refs) != 1:
		err = usagef("you may only specify a single resource type")
	}
	return o, err
}

// selection reads the objects that a command is about from its arguments, or from files.
func (a *app) selection(c *cli.Context) (resource.Selection, error) {
	files := c.StringSlice("filename")
	if len(files) == 0 {
		if len(a.line.Args) == 0 {
			return resource.Selection{}, a.noResource(c)
		}
		return resource.Parse(a.line.Args)
	}
	if len(a.line.Args) > 0 {
		return resource.Selection{}, usagef("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well")
	}
	read := a.readManifests(c.Context, manifestOptions{
		files: files, recursive: c.Bool("recursive"), namespace: c.String("namespace"), nameFromFile: true, lenient: true,
		verb: c.Command.Name,
	})
	s := resource.Selection{Named: true}
	for _, m := range read.objects {
		ref := resource.Ref{Kind: kindOf(m.object), Name: m.object.GetName()}
		s.Several = s.Several || len(s.Refs) > 0 && s.Refs[0].Kind.Name != ref.Kind.Name
		s.Refs = append(s.Refs, ref)
	}
	return s, read.err
}

// selectedRefs are the objects that were named one by one, or that the flags pick among those of their kinds.
func selectedRefs(c *cli.Context, s *session, selection resource.Selection) ([]simulator.Ref, error) {
	if !selection.Named && !pickedBySelector(c) {
		return nil, errNoName
	}
	list := listOptions(c)
	var refs []simulator.Ref
	for _, ref := range selection.Refs {
		if selection.Named {
			refs = append(refs, refOf(ref, list.Namespace))
			continue
		}
		objects, err := s.List(c.Context, simulator.Kind(ref.Kind.Name), list)
		if err != nil {
			return nil, err
		}
		for _, obj := range objects {
			refs = append(refs, simulator.RefOf(obj))
		}
	}
	return refs, nil
}

// onEach does the same to every object that was named or picked.
func (a *app) onEach(c *cli.Context, do func(s *session, ref simulator.Ref) error) error {
	selection, err := a.selection(c)
	if err != nil {
		return err
	}
	s, err := a.open(c)
	if err != nil {
		return err
	}
	defer s.close()
	refs, err := selectedRefs(c, s, selection)
	if err != nil {
		return err
	}
	var errs []error
	for _, ref := range refs {
		errs = append(errs, do(s, ref))
	}
	return errors.Join(errs...)
}

// errNoName refuses a kind alone where one object or a selector has to be named.
var errNoName = usagef("resource(s) were provided, but no name was specified")

// noResource is what kubectl says when nothing was named.
func (a *app) noResource(c *cli.Context) error {
	const specify = "You must specify the type of resource to %s. Use %q for a complete list of supported resources.\n"
	list := a.program() + " api-resources"
	switch c.Command.Name {
	case "get":
		fmt.Fprintf(a.stderr, specify+"\n", "get", list)
		return a.helpfulf(c, "Required resource not specified.")
	case "describe":
		return usagef(specify, "describe", list)
	}
	return resource.ErrNoResource
}

func (a *app) get(ctx context.Context, s *session, o getOptions) error {
	printer, err := print.New(o.print)
	if err != nil {
		return err
	}
	if o.watchOnly {
		return a.watch(ctx, s, o, printer, nil)
	}
	objects, err := a.read(ctx, s, o)
	switch {
	case o.watch:
		err = errors.Join(err, printer.Watched(a.stdout, objects))
	case o.selection.One() && len(objects) == 1:
		err = errors.Join(err, printer.Object(a.stdout, objects[0]))
	case len(objects) == 0 && (printer.IsTable() || err != nil || o.selection.Named):
		if err == nil && !o.selection.Named && !o.ignoreNotFound {
			a.nothingFound(s, o.list)
		}
	default:
		err = errors.Join(err, printer.List(a.stdout, objects))
	}
	if err != nil || !o.watch {
		return err
	}
	return a.watch(ctx, s, o, printer, objects)
}

// read gets the selected objects: those that were named one by one, or all of their kinds.
func (a *app) read(ctx context.Context, s *session, o getOptions) ([]simulator.Object, error) {
	var objects []simulator.Object
	var errs []error
	for _, ref := range o.selection.Refs {
		if !o.selection.Named {
			list, err := s.List(ctx, simulator.Kind(ref.Kind.Name), o.list)
			errs = append(errs, err)
			objects = append(objects, list...)
			continue
		}
		obj, err := s.Get(ctx, refOf(ref, o.list.Namespace))
		switch {
		case err == nil:
			objects = append(objects, obj)
		case !o.ignoreNotFound || !apierrors.IsNotFound(err):
			errs = append(errs, err)
		}
	}
	return objects, errors.Join(errs...)
}

// refOf is an object of the command line for the simulator.
func refOf(ref resource.Ref, namespace string) simulator.Ref {
	return simulator.Ref{Kind: simulator.Kind(ref.Kind.Name), Namespace: namespace, Name: ref.Name}
}

func (a *app) nothingFound(s *session, o simulator.ListOptions) {
	if o.AllNamespaces {
		fmt.Fprintln(a.stderr, "No resources found")
		return
	}
	fmt.Fprintf(a.stderr, "No resources found in %s namespace.\n", s.Namespace())
}

// watch prints changes of what was printed already; with --watch-only that is all that is there.
func (a *app) watch(ctx context.Context, s *session, o getOptions, printer *print.Printer, printed []simulator.Object) error {
	ref := o.selection.Refs[0]
	o.list.Name = ref.Name
	changes, err := s.Watch(ctx, simulator.Kind(ref.Kind.Name), o.list)
	if err != nil {
		return err
	}
	if o.watchOnly {
		if printed, err = s.List(ctx, simulator.Kind(ref.Kind.Name), o.list); err != nil {
			return err
		}
	}
	known := map[types.UID]string{}
	for _, obj := range printed {
		known[obj.GetUID()] = obj.GetResourceVersion()
	}
	for change := range changes {
		if change.Op != simulator.Deleted && known[change.Object.GetUID()] == change.Object.GetResourceVersion() {
			continue
		}
		if err := printer.Change(a.stdout, string(change.Op), change.Object); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

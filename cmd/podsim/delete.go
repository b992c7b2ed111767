package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// deleteOptions are those of delete.
type deleteOptions struct {
	deletion       simulator.DeleteOptions
	timeout        time.Duration
	ignoreNotFound bool
	short          bool
	dryRun         bool
	dryRunNote     string
}

// deletion is one object that goes.
type deletion struct {
	ref  simulator.Ref
	kind resource.Kind
	// file is where it was named, empty for arguments.
	file string
}

func (a *app) deleteVerb() *cli.Command {
	return &cli.Command{
		Name: "delete", Usage: "delete objects and wait until they are gone",
		UsageText: "delete -f FILE... | delete TYPE NAME... | delete TYPE --all | delete TYPE -l SELECTOR",
		Flags: []cli.Flag{
			filesFlag("`FILE`, directory, URL or - that names the objects"), recursiveFlag(), selectorFlag(), fieldSelectorFlag(),
			allNamespacesFlag(), dryRunFlag(),
			&cli.BoolFlag{Name: "all", Usage: "every object of the type"},
			&cli.Int64Flag{Name: "grace-period", Value: -1, Usage: "`SECONDS` that a pod has to end (default: what it asks for)"},
			&cli.BoolFlag{Name: "force", Usage: "with --grace-period=0: forget the pod at once and stop it hard"},
			&cli.BoolFlag{Name: "now", Usage: "like --grace-period=1"},
			&cli.BoolFlag{Name: "wait", Value: true, Usage: "return when the objects are gone"},
			&cli.DurationFlag{Name: "timeout", Usage: "`DURATION` to wait for; 0 is as long as it takes"},
			&cli.BoolFlag{Name: "ignore-not-found", Usage: "a missing object is no error"},
			&cli.BoolFlag{Name: "keep-data", Usage: "of a claim: keep the volume"},
			outputFlag("name, to print TYPE/NAME alone"),
			&optionalFlag{Bare: "background", StringFlag: &cli.StringFlag{Name: "cascade", Hidden: true}},
			&cli.StringFlag{Name: "kustomize", Aliases: []string{"k"}, Hidden: true},
		},
		Action: func(c *cli.Context) error {
			o, err := a.deleteOptions(c)
			if err != nil {
				return err
			}
			return a.delete(c, o)
		},
	}
}

func (a *app) deleteOptions(c *cli.Context) (deleteOptions, error) {
	o := deleteOptions{
		timeout: c.Duration("timeout"), short: c.String("output") == "name",
		ignoreNotFound: c.Bool("ignore-not-found") || pickedBySelector(c) && !c.IsSet("ignore-not-found"),
		deletion:       simulator.DeleteOptions{Wait: c.Bool("wait"), KeepData: c.Bool("keep-data")},
	}
	grace := c.Int64("grace-period")
	switch {
	case c.Bool("all") && (c.String("selector") != "" || c.String("field-selector") != ""):
		return o, usagef("setting 'all' parameter but found a non empty selector. ")
	case c.Bool("now") && grace != -1:
		return o, usagef("--now and --grace-period cannot be specified together")
	case c.Bool("now"):
		grace = 1
	case grace == 0 && !c.Bool("force"):
		// kubectl makes it 1, so that the pod is seen to end.
		grace = 1
	case c.Bool("force") && grace < 0:
		grace = 0
	case c.Bool("force") && grace > 0:
		return o, usagef("--force and --grace-period greater than 0 cannot be specified together")
	}
	if grace >= 0 {
		o.deletion.Grace = &grace
	}
	o.deletion.Force = c.Bool("force")
	if out := c.String("output"); out != "" && out != "name" {
		return o, usagef("unexpected -o output mode: %v. We only support '-o name'", out)
	}
	var err error
	o.dryRun, err = dryRun(c)
	o.dryRunNote = dryRunNote(c)
	return o, err
}

// pickedBySelector tells whether objects are asked for by what they are, not by their names.
func pickedBySelector(c *cli.Context) bool {
	return c.Bool("all") || c.String("selector") != "" || c.String("field-selector") != ""
}

func (a *app) delete(c *cli.Context, o deleteOptions) error {
	given, err := a.deletions(c)
	if err != nil && len(given) == 0 {
		return err
	}
	s, openErr := a.open(c)
	if openErr != nil {
		return openErr
	}
	defer s.close()
	outliveReaders()
	if o.deletion.Force {
		a.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. " +
			"The resource may continue to run on the cluster indefinitely.")
	}
	targets, listErr := a.targets(c, s, given)
	if err = errors.Join(err, listErr); len(targets) > 0 {
		return errors.Join(err, a.deleteAll(c.Context, s, targets, o))
	}
	if err == nil {
		fmt.Fprintln(a.stdout, "No resources found")
	}
	return err
}

// deletions reads what the command line names; a deletion without a name stands for all of a kind.
func (a *app) deletions(c *cli.Context) ([]deletion, error) {
	if len(c.StringSlice("filename")) == 0 {
		selection, err := a.selection(c)
		if err != nil {
			return nil, err
		}
		var out []deletion
		for _, ref := range selection.Refs {
			out = append(out, deletion{ref: refOf(ref, c.String("namespace")), kind: ref.Kind})
		}
		picked := pickedBySelector(c)
		switch {
		case selection.Slashed && picked:
			return nil, usagef("selectors and the all flag cannot be used when passing resource/name arguments")
		case selection.Named && picked:
			return nil, usagef("name cannot be provided when a selector is specified")
		case !selection.Named && !picked:
			return nil, errNoName
		}
		return out, nil
	}
	read := a.readManifests(c.Context, manifestOptions{
		files: c.StringSlice("filename"), recursive: c.Bool("recursive"), namespace: c.String("namespace"),
		nameFromFile: true, lenient: true,
	})
	var out []deletion
	for _, m := range read.objects {
		out = append(out, deletion{ref: simulator.RefOf(m.object), kind: kindOf(m.object), file: m.file})
	}
	return out, read.err
}

// targets replaces "all of a kind" by what there is. With an error it still returns what could be read.
func (a *app) targets(c *cli.Context, s *session, given []deletion) ([]deletion, error) {
	var out []deletion
	var errs []error
	for _, d := range given {
		if d.ref.Name != "" {
			out = append(out, d)
			continue
		}
		list, err := s.List(c.Context, d.ref.Kind, listOptions(c))
		errs = append(errs, err)
		for _, obj := range list {
			out = append(out, deletion{ref: simulator.RefOf(obj), kind: d.kind})
		}
	}
	return out, errors.Join(errs...)
}

// deleteAll deletes objects at once and tells of each as soon as its deletion was asked for.
func (a *app) deleteAll(ctx context.Context, s *session, targets []deletion, o deleteOptions) error {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	errs := make([]error, len(targets))
	var wg sync.WaitGroup
	for i, d := range targets {
		// One deletion after the other is asked for, so that they are told in order; then all are waited for together.
		asked := make(chan struct{})
		tell := sync.OnceFunc(func() {
			a.tellDeleted(d, o)
			close(asked)
		})
		deletion := o.deletion
		deletion.Asked = tell
		returned := make(chan struct{})
		wg.Go(func() {
			defer close(returned)
			errs[i] = deleteOne(ctx, s, d, deletion, o)
			switch {
			case errs[i] == nil:
				tell()
			case errors.Is(errs[i], errGone):
				errs[i] = nil
			}
		})
		select {
		case <-asked:
		case <-returned:
		}
	}
	wg.Wait()
	if !o.deletion.Wait && !o.dryRun {
		errs = append(errs, s.EnsureNode(ctx))
	}
	return errors.Join(errs...)
}

// errGone stands for an object that was not there and need not be.
var errGone = errors.New("gone")

func deleteOne(ctx context.Context, s *session, d deletion, deletion simulator.DeleteOptions, o deleteOptions) error {
	var err error
	if o.dryRun {
		_, err = s.Get(ctx, d.ref)
	} else {
		err = s.Delete(ctx, d.ref, deletion)
	}
	switch {
	case err == nil:
		return nil
	case apierrors.IsNotFound(err) && o.ignoreNotFound:
		return errGone
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("timed out waiting for the condition on %s/%s", d.kind.Plural, d.ref.Name)
	case d.file != "":
		return &fileError{doing: "deleting", file: d.file, err: err}
	}
	return err
}

func (a *app) tellDeleted(d deletion, o deleteOptions) {
	if o.short {
		fmt.Fprintln(a.stdout, resource.Ref{Kind: d.kind, Name: d.ref.Name})
		return
	}
	did := "deleted"
	if o.deletion.Force {
		did = "force deleted"
	}
	fmt.Fprintf(a.stdout, "%s %q %s\n", d.kind.Singular, d.ref.Name, did+o.dryRunNote)
}

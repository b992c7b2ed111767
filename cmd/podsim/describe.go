package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/simulator"
)

func (a *app) describeVerb() *cli.Command {
	return &cli.Command{
		Name: "describe", Usage: "show objects in detail, with their events", UsageText: "describe TYPE [NAME...] | describe TYPE/NAME...",
		Flags: []cli.Flag{
			selectorFlag(), allNamespacesFlag(), filesFlag("`FILE`, directory, URL or - that names the objects"), recursiveFlag(),
			&cli.BoolFlag{Name: "show-events", Value: true, Usage: "tell the events too"},
			&cli.Int64Flag{Name: "chunk-size", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			selection, err := a.selection(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.describe(c.Context, s, getOptions{selection: selection, list: listOptions(c)}, c.Bool("show-events"))
		},
	}
}

func (a *app) describe(ctx context.Context, s *session, o getOptions, events bool) error {
	objects, err := a.read(ctx, s, o)
	between, after := "\n\n", ""
	if err != nil && o.selection.One() && apierrors.IsNotFound(err) {
		var byPrefix []simulator.Object
		if byPrefix, err = a.beginningWith(ctx, s, o, err); err == nil {
			objects, between, after = byPrefix, "", "\n"
		}
	}
	if err == nil && len(objects) == 0 {
		a.nothingFound(s, o.list)
	}
	errs := []error{err}
	for i, obj := range objects {
		if i > 0 {
			fmt.Fprint(a.stdout, between)
		}
		errs = append(errs, a.describeOne(ctx, s, obj, events))
		fmt.Fprint(a.stdout, after)
	}
	return errors.Join(errs...)
}

// beginningWith finds the objects whose names begin with the one that was asked for, as kubectl does when there is none of
// the very name.
func (a *app) beginningWith(ctx context.Context, s *session, o getOptions, notFound error) ([]simulator.Object, error) {
	ref := o.selection.Refs[0]
	list, err := s.List(ctx, simulator.Kind(ref.Kind.Name), o.list)
	if err != nil {
		return nil, err
	}
	var found []simulator.Object
	for _, obj := range list {
		if strings.HasPrefix(obj.GetName(), ref.Name) {
			found = append(found, obj)
		}
	}
	if len(found) == 0 {
		return nil, notFound
	}
	return found, nil
}

func (a *app) describeOne(ctx context.Context, s *session, obj simulator.Object, showEvents bool) error {
	subject := print.Subject{Object: obj, ShowEvents: showEvents}
	ref := simulator.RefOf(obj)
	if showEvents && ref.Kind != simulator.EventKind {
		events, err := s.Events(ctx, simulator.EventOptions{Namespace: obj.GetNamespace(), For: &ref})
		if err != nil {
			return err
		}
		for i := range events {
			if events[i].InvolvedObject.UID == "" || events[i].InvolvedObject.UID == obj.GetUID() {
				subject.Events = append(subject.Events, &events[i])
			}
		}
	}
	if ref.Kind == simulator.Claims {
		var err error
		if subject.UsedBy, err = usersOf(ctx, s, obj); err != nil {
			return err
		}
	}
	return print.Describe(a.stdout, subject)
}

// usersOf names the pods that mount a claim.
func usersOf(ctx context.Context, s *session, claim simulator.Object) ([]string, error) {
	pods, err := s.PodList(ctx, simulator.ListOptions{Namespace: claim.GetNamespace()})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, pod := range pods {
		owned := metav1.IsControlledBy(claim, pod) // of an ephemeral volume
		if owned || slices.ContainsFunc(pod.Spec.Volumes, func(v v1.Volume) bool { return mounts(v, claim.GetName()) }) {
			names = append(names, pod.Name)
		}
	}
	return names, nil
}

func mounts(v v1.Volume, claim string) bool {
	return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim
}

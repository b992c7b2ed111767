package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/simulator"
)

func (a *app) setVerb() *cli.Command {
	return &cli.Command{
		Name: "set", Usage: "change the images of a pod", UsageText: "set image TYPE NAME CONTAINER=IMAGE...",
		Flags: append(templateFlags(), dryRunFlag(), filesFlag("`FILE` that names the object"), recursiveFlag(),
			&cli.StringFlag{Name: "field-manager", Hidden: true}),
		Action: func(c *cli.Context) error {
			o, err := a.setImageOptions(c)
			if err != nil {
				return err
			}
			return a.onEach(c, func(s *session, ref simulator.Ref) error { return a.setImage(c.Context, s, ref, o) })
		},
	}
}

// setImageOptions are those of set image.
type setImageOptions struct {
	// images are by container name; "*" is every container.
	images     map[string]string
	change     simulator.PatchOptions
	dryRunNote string
	printer    *print.Printer
}

// setImageOptions takes CONTAINER=IMAGE from the end of the arguments; what stays names the objects.
func (a *app) setImageOptions(c *cli.Context) (setImageOptions, error) {
	o := setImageOptions{images: map[string]string{}, dryRunNote: dryRunNote(c)}
	if len(a.line.Args) == 0 || a.line.Args[0] != "image" {
		return o, usagef("podsim sets images only: set image TYPE NAME CONTAINER=IMAGE")
	}
	var err error
	if o.change.DryRun, err = dryRun(c); err != nil {
		return o, err
	}
	if o.printer, err = objectPrinter(c.String("output"), c.String("template")); err != nil {
		return o, err
	}
	var rest []string
	for _, arg := range a.line.Args[1:] {
		name, image, pair := strings.Cut(arg, "=")
		switch {
		case pair && name != "" && image != "":
			o.images[name] = image
		case len(o.images) > 0:
			return o, usagef("all resources must be specified before image changes: %s", arg)
		default:
			rest = append(rest, arg)
		}
	}
	a.line.Args = rest
	if len(o.images) == 0 {
		return o, usagef("at least one image update is required")
	}
	return o, nil
}

// setImage says nothing when all is as asked for.
func (a *app) setImage(ctx context.Context, s *session, ref simulator.Ref, o setImageOptions) error {
	obj, err := s.Get(ctx, ref)
	if err != nil {
		return err
	}
	pod, ok := obj.(*v1.Pod)
	if !ok {
		return fmt.Errorf("%s: the object is not a pod", titleOf(obj))
	}
	patch, err := imagePatch(pod, o.images)
	if err != nil {
		return err
	}
	obj, changed, err := s.Patch(ctx, ref, types.StrategicMergePatchType, patch, o.change)
	switch {
	case err != nil:
		return err
	case o.printer != nil:
		return o.printer.Object(a.stdout, obj)
	case !changed:
		return nil
	}
	fmt.Fprintf(a.stdout, "%s image updated%s\n", titleOf(obj), o.dryRunNote)
	if o.change.DryRun {
		return nil
	}
	return s.EnsureNode(ctx)
}

// imagePatch is the strategic merge patch that gives containers their images.
func imagePatch(pod *v1.Pod, images map[string]string) ([]byte, error) {
	type container struct {
		Name  string `json:"name"`
		Image string `json:"image"`
	}
	var patch struct {
		Spec struct {
			InitContainers []container `json:"initContainers,omitempty"`
			Containers     []container `json:"containers,omitempty"`
		} `json:"spec"`
	}
	left := maps.Clone(images)
	delete(left, "*")
	change := func(list []v1.Container) (out []container) {
		for _, c := range list {
			delete(left, c.Name)
			image, ok := images[c.Name]
			if !ok {
				image, ok = images["*"]
			}
			if ok {
				out = append(out, container{c.Name, image})
			}
		}
		return out
	}
	patch.Spec.InitContainers, patch.Spec.Containers = change(pod.Spec.InitContainers), change(pod.Spec.Containers)
	if len(left) > 0 {
		return nil, fmt.Errorf("unable to find container named %q", slices.Min(slices.Collect(maps.Keys(left))))
	}
	return json.Marshal(patch)
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/simulator"
)

func (a *app) patchVerb() *cli.Command {
	return &cli.Command{
		Name: "patch", Usage: "change fields of an object", UsageText: "patch TYPE NAME -p PATCH",
		Flags: append(templateFlags(), dryRunFlag(), filesFlag("`FILE` that names the object"), recursiveFlag(),
			&cli.StringFlag{Name: "patch", Aliases: []string{"p"}, Usage: "the `PATCH`, in JSON or YAML"},
			&cli.StringFlag{Name: "patch-file", Usage: "`FILE` with the patch"},
			&cli.StringFlag{Name: "type", Value: "strategic", Usage: "json, merge or strategic"},
			&cli.StringFlag{Name: "subresource", Usage: "part of a pod: status, resize or ephemeralcontainers"},
			&cli.StringFlag{Name: "field-manager", Hidden: true}, &cli.BoolFlag{Name: "local", Hidden: true},
		),
		Action: func(c *cli.Context) error {
			data, kind, err := readPatch(c)
			if err != nil {
				return err
			}
			dry, err := dryRun(c)
			if err != nil {
				return err
			}
			printer, err := objectPrinter(c.String("output"), c.String("template"))
			if err != nil {
				return err
			}
			o := patchOptions{
				kind: kind, data: data, printer: printer,
				change: simulator.PatchOptions{
					Subresource: simulator.Subresource(c.String("subresource")), DryRun: dry,
					Warn: func(text string) { fmt.Fprintln(a.stderr, "Warning: "+text) },
				},
			}
			return a.onEach(c, func(s *session, ref simulator.Ref) error { return a.patch(c.Context, s, ref, o) })
		},
	}
}

// patchOptions are those of patch.
type patchOptions struct {
	kind    types.PatchType
	data    []byte
	change  simulator.PatchOptions
	printer *print.Printer
}

func readPatch(c *cli.Context) ([]byte, types.PatchType, error) {
	kinds := map[string]types.PatchType{
		"json": types.JSONPatchType, "merge": types.MergePatchType, "strategic": types.StrategicMergePatchType,
	}
	kind, ok := kinds[c.String("type")]
	if !ok {
		return nil, "", usagef("--type must be one of [json merge strategic], not %q", c.String("type"))
	}
	text, file := c.String("patch"), c.String("patch-file")
	switch {
	case text == "" && file == "":
		return nil, "", usagef("must specify --patch or --patch-file containing the contents of the patch")
	case text != "" && file != "":
		return nil, "", usagef("cannot specify --patch and --patch-file together")
	}
	data := []byte(text)
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, "", fmt.Errorf("unable to read patch file: %w", err)
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return data, kind, nil // JSON, or what the server says is none
	}
	asJSON, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, "", fmt.Errorf("unable to parse %q: %w", data, err)
	}
	return asJSON, kind, nil
}

func (a *app) patch(ctx context.Context, s *session, ref simulator.Ref, o patchOptions) error {
	obj, changed, err := s.Patch(ctx, ref, o.kind, o.data, o.change)
	if err != nil {
		return err
	}
	if o.printer != nil {
		return o.printer.Object(a.stdout, obj)
	}
	did := "patched"
	if !changed {
		did += " (no change)"
	}
	fmt.Fprintln(a.stdout, titleOf(obj), did)
	if ref.Kind == simulator.Pods && !o.change.DryRun {
		return s.EnsureNode(ctx)
	}
	return nil
}

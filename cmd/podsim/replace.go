package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/simulator"
)

func (a *app) replaceVerb() *cli.Command {
	return &cli.Command{
		Name: "replace", Usage: "put objects of a file in the place of those of their names", UsageText: "replace -f FILE...",
		Flags: changeFlags(
			&cli.BoolFlag{Name: "save-config", Hidden: true},
			&cli.BoolFlag{Name: "force", Usage: "delete and create anew"},
			&cli.Int64Flag{Name: "grace-period", Value: -1, Usage: "`SECONDS` that a pod has to end, with --force"},
		),
		Action: func(c *cli.Context) error {
			o, err := a.changeOptions(c)
			if err != nil {
				return err
			}
			return a.change(c, o, "replacing", func(ctx context.Context, s *session, m manifest) (done, error) {
				if !o.force {
					replaced, err := s.Replace(ctx, m.object)
					return done{object: replaced, did: "replaced"}, err
				}
				deletion := simulator.DeleteOptions{Wait: true, KeepData: true}
				if o.grace >= 0 {
					deletion.Grace = &o.grace
				}
				deletion.Asked = func() { fmt.Fprintf(a.stdout, "%s %q deleted\n", kindOf(m.object).Singular, m.object.GetName()) }
				if err := s.Delete(ctx, simulator.RefOf(m.object), deletion); err != nil && !apierrors.IsNotFound(err) {
					return done{}, err
				}
				created, err := s.Create(ctx, m.object, simulator.CreateOptions{Pod: podOptions(m), SaveConfig: o.saveConfig})
				return done{object: created, did: "replaced"}, err
			})
		},
	}
}

package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

func (a *app) createVerb() *cli.Command {
	return &cli.Command{
		Name: "create", Usage: "create objects from a file, or a ConfigMap or Secret from literals and files",
		UsageText: "create -f FILE... | create configmap NAME --from-literal=KEY=VALUE | create secret generic|docker-registry|tls NAME ...",
		Flags: changeFlags(append(literalFlags(),
			&cli.BoolFlag{Name: "save-config", Usage: "keep the file's content for a later apply"},
		)...),
		Action: func(c *cli.Context) error {
			if obj, err := a.literalObject(c); obj != nil || err != nil {
				if err != nil {
					return err
				}
				return a.createLiteral(c, obj)
			}
			o, err := a.changeOptions(c)
			if err != nil {
				return err
			}
			return a.change(c, o, "creating", func(ctx context.Context, s *session, m manifest) (done, error) {
				created, err := s.Create(ctx, m.object, simulator.CreateOptions{
					Pod: podOptions(m), SaveConfig: o.saveConfig, DryRun: o.dryRun,
				})
				return done{object: created, did: "created"}, err
			})
		},
	}
}

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

// copyEnd is one end of a copy: a path here, or in a pod.
type copyEnd struct {
	namespace, pod, path string
}

func (a *app) cpVerb() *cli.Command {
	return &cli.Command{
		Name: "cp", Usage: "copy files from and to containers", UsageText: "cp POD:PATH PATH | cp PATH POD:PATH",
		Flags: []cli.Flag{
			containerFlag(),
			&cli.BoolFlag{Name: "no-preserve", Usage: "leave owners and modes to the receiver"},
			&cli.IntFlag{Name: "retries", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			if len(a.line.Args) != 2 {
				return usagef("source and destination are required")
			}
			from, err := parseCopyEnd(a.line.Args[0], c.String("namespace"))
			if err != nil {
				return err
			}
			to, err := parseCopyEnd(a.line.Args[1], c.String("namespace"))
			if err != nil {
				return err
			}
			o := simulator.CopyOptions{Container: c.String("container"), NoPreserve: c.Bool("no-preserve"), Warn: func(line string) {
				fmt.Fprintln(a.stderr, line)
			}}
			switch {
			case from.pod != "" && to.pod != "":
				return errors.New("one of src or dest must be a local file specification")
			case from.path == "" || to.path == "":
				return errors.New("filepath can not be empty")
			case from.pod == "" && to.pod == "":
				return errors.New("one of src or dest must be a remote file specification")
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			if from.pod != "" {
				return a.copied(s.CopyFrom(c.Context, from.namespace, from.pod, from.path, to.path, o))
			}
			return a.copied(s.CopyTo(c.Context, to.namespace, to.pod, from.path, to.path, o))
		},
	}
}

// copied tells what tar complained of as kubectl does, which only hands it on.
func (a *app) copied(err error) error {
	var tar *simulator.TarError
	if !errors.As(err, &tar) {
		return err
	}
	fmt.Fprintln(a.stderr, tar.Text)
	return a.terminated(tar.Code)
}

// parseCopyEnd reads PATH, POD:PATH or NAMESPACE/POD:PATH. What begins as a path (C:\, ./, /) is one.
func parseCopyEnd(arg, namespace string) (copyEnd, error) {
	where, path, remote := strings.Cut(arg, ":")
	if !remote || where == "" || where[0] == '/' || where[0] == '.' || isDrive(where, path) {
		return copyEnd{path: arg}, nil
	}
	parts := strings.Split(where, "/")
	switch len(parts) {
	case 1:
		return copyEnd{namespace: namespace, pod: parts[0], path: path}, nil
	case 2:
		return copyEnd{namespace: parts[0], pod: parts[1], path: path}, nil
	}
	return copyEnd{}, usagef("pod name must be in the form [NAMESPACE/]POD:PATH, not %q", arg)
}

func isDrive(where, path string) bool { return len(where) == 1 && strings.HasPrefix(path, `\`) }

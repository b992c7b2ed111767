package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// debugStart is how long an ephemeral container may take to run before attach gives up.
const debugStart = 5 * time.Minute

func (a *app) debugVerb() *cli.Command {
	return &cli.Command{
		Name: "debug", Usage: "add a container to a running pod", UsageText: "debug POD --image=IMAGE [--target=CONTAINER] [-it] [-- COMMAND...]",
		Flags: []cli.Flag{
			containerFlag(),
			&cli.StringFlag{Name: "image", Usage: "`IMAGE` of the container"},
			&cli.StringFlag{Name: "image-pull-policy", Usage: "Always, IfNotPresent or Never"},
			&cli.StringFlag{Name: "target", Usage: "`CONTAINER` whose processes it sees"},
			&cli.BoolFlag{Name: "stdin", Aliases: []string{"i"}, Usage: "keep standard input open, and connect to it"},
			&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "make it a terminal"},
			&cli.BoolFlag{Name: "attach", Usage: "connect to it (what -i implies)"},
			&cli.StringSliceFlag{Name: "env", Usage: "`NAME=VALUE` for it"},
			&cli.BoolFlag{Name: "arguments-only", Usage: "the command is arguments for the image's entry point"},
			&cli.StringFlag{Name: "profile", Value: "legacy", Usage: "legacy, general, baseline, netadmin, restricted or sysadmin"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only what the container prints"},
			&cli.StringFlag{Name: "copy-to", Hidden: true}, &cli.BoolFlag{Name: "share-processes", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			before, command := a.line.Split()
			if c.String("copy-to") != "" {
				return usagef("podsim has no --copy-to: it debugs the pod itself")
			}
			if c.String("image") == "" {
				return usagef("you must specify --image when not using --copy-to.")
			}
			if len(before) != 1 {
				return usagef("a POD is required for debug")
			}
			pod, err := resource.PodName(before[0])
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.debug(c, s, pod, command)
		},
	}
}

func (a *app) debug(c *cli.Context, s *session, pod string, command []string) error {
	o := simulator.DebugOptions{
		Name: c.String("container"), Image: c.String("image"), PullPolicy: v1.PullPolicy(c.String("image-pull-policy")),
		Command: command, ArgsOnly: c.Bool("arguments-only"), Target: c.String("target"),
		Stdin: c.Bool("stdin"), TTY: c.Bool("tty"), Profile: c.String("profile"),
	}
	for _, pair := range c.StringSlice("env") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usagef("invalid argument %q for --env: it has to be NAME=VALUE", pair)
		}
		o.Env = append(o.Env, v1.EnvVar{Name: name, Value: value})
	}
	outliveReaders()
	ns := c.String("namespace")
	name, err := s.Debug(c.Context, ns, pod, o)
	if err != nil {
		return err
	}
	if o.Target != "" && !c.Bool("quiet") {
		fmt.Fprintf(a.stdout, "Targeting container %q. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n", o.Target)
	}
	if o.Name == "" && !c.Bool("quiet") {
		fmt.Fprintf(a.stdout, "Defaulting debug container name to %s.\n", name)
	}
	if err := s.EnsureNode(c.Context); err != nil {
		return err
	}
	if !o.Stdin && !c.Bool("attach") {
		return nil
	}
	running, err := waitDebug(c.Context, s, ns, pod, name)
	if err != nil {
		return err
	}
	if !running {
		return s.Logs(c.Context, ns, pod, simulator.LogOptions{Container: name}, a.stdout)
	}
	err = a.attach(c.Context, s, streamOptions{
		namespace: ns, pod: pod, container: name, stdin: o.Stdin, tty: o.TTY, quiet: c.Bool("quiet"),
	})
	if err == nil || c.Context.Err() != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "warning: couldn't attach to pod/%s, falling back to streaming logs: %v\n", pod, err)
	return s.Logs(c.Context, ns, pod, simulator.LogOptions{Container: name, Follow: true}, a.stdout)
}

// waitDebug waits until an ephemeral container runs or has ended.
func waitDebug(ctx context.Context, s *session, namespace, pod, container string) (running bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, debugStart)
	defer cancel()
	changes, err := s.Watch(ctx, simulator.Pods, simulator.ListOptions{Namespace: namespace, Name: pod})
	if err != nil {
		return false, err
	}
	for change := range changes {
		p, ok := change.Object.(*v1.Pod)
		if !ok || change.Op == simulator.Deleted {
			return false, fmt.Errorf("pod %q was deleted", pod)
		}
		for _, status := range p.Status.EphemeralContainerStatuses {
			if status.Name == container && (status.State.Running != nil || status.State.Terminated != nil) {
				return status.State.Running != nil, nil
			}
		}
	}
	if err := context.Cause(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return false, err
	}
	return false, fmt.Errorf("timed out waiting for container %q of pod %q to run", container, pod)
}

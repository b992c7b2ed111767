package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// runOptions are those of run.
type runOptions struct {
	files   manifestOptions
	configs []string
	secrets []string
	pod     podFlags

	detach       bool
	wait         string
	timeout      time.Duration
	keep         bool
	exitCodeFrom string
	look         runLook
}

// runLook is how run shows what happens.
type runLook struct {
	noPrefix, timestamps, quiet bool
}

// oneImageHint is for those who know run from kubectl or docker.
const oneImageHint = "run takes files; for a pod of one image: " +
	"kubectl run NAME --image=REFERENCE --dry-run=client -o yaml | podsim run -"

// podFlags become the options of the pods.
type podFlags struct {
	publish      []simulator.PodPort
	publishAll   bool
	images       map[string]string
	pull         v1.PullPolicy
	backoffScale float64
}

func (a *app) runVerb() *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "run pods in the foreground and remove everything at the end", UsageText: "run FILE...",
		Flags: []cli.Flag{
			filesFlag("`FILE`, directory, URL or -, like an argument"), recursiveFlag(), validateFlag(),
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "leave the pods to the background node and return"},
			&optionalFlag{Bare: "ready", StringFlag: &cli.StringFlag{Name: "wait", Usage: "with -d: return when the pods are ready (or complete, with =complete)"}},
			&cli.DurationFlag{Name: "timeout", Usage: "stop after `DURATION`, with exit code 124"},
			&cli.BoolFlag{Name: "keep", Usage: "leave everything for inspection at the end"},
			&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Usage: "publish a port, `[IP:][HOST:]CONTAINER[/PROTOCOL]`"},
			&cli.BoolFlag{Name: "publish-all", Aliases: []string{"P"}, Usage: "publish every port that the pods declare, on free ports"},
			&cli.StringSliceFlag{Name: "image", Usage: "run another image: `CONTAINER=REFERENCE`"},
			&cli.StringFlag{Name: "pull", Usage: "always, missing or never, in place of what the pods say"},
			&cli.StringSliceFlag{Name: "configmap", Usage: "`FILE` with ConfigMaps for the pods"},
			&cli.StringSliceFlag{Name: "secret", Usage: "`FILE` with Secrets for the pods"},
			&cli.StringFlag{Name: "exit-code-from", Usage: "end when `CONTAINER` does, with its exit code"},
			&cli.Float64Flag{Name: "backoff-scale", Value: 1, Usage: "`FACTOR` for the times between restarts (0.1: ten times as fast)"},
			&cli.BoolFlag{Name: "no-prefix", Usage: "print logs without the container's name"},
			&cli.BoolFlag{Name: "timestamps", Usage: "begin each line of a log with its time"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only the logs"},
		},
		Action: func(c *cli.Context) error {
			o, err := a.runOptions(c)
			if err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			plan, err := a.planRun(c.Context, o)
			if err != nil {
				return &exitError{code: exitUsage, err: err}
			}
			s, err := a.open(c)
			if err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			defer s.close()
			if o.detach {
				return a.runDetached(c.Context, s, plan, o)
			}
			return a.runForeground(c.Context, s, plan, o)
		},
	}
}

func (a *app) runOptions(c *cli.Context) (runOptions, error) {
	o := runOptions{
		configs: c.StringSlice("configmap"), secrets: c.StringSlice("secret"), detach: c.Bool("detach"), wait: c.String("wait"),
		timeout: c.Duration("timeout"), keep: c.Bool("keep"), exitCodeFrom: c.String("exit-code-from"),
		look: runLook{noPrefix: c.Bool("no-prefix"), timestamps: c.Bool("timestamps"), quiet: c.Bool("quiet")},
	}
	var err error
	if o.files, err = manifestFlags(c); err != nil {
		return o, err
	}
	o.files.files = append(o.files.files, a.line.Args...)
	switch {
	case len(o.files.files) == 0:
		return o, usagef("run needs a FILE with a pod (- is standard input)")
	case o.wait != "" && o.wait != "ready" && o.wait != "complete":
		return o, usagef("--wait is ready or complete, not %q", o.wait)
	case o.wait != "" && !o.detach:
		return o, usagef("--wait goes with -d: without it run waits until the pods have ended")
	case o.timeout < 0:
		return o, usagef("--timeout must not be negative")
	}
	if o.pod, err = readPodFlags(c); err != nil {
		return o, err
	}
	for _, name := range a.line.Args {
		if _, err := os.Stat(name); err != nil && name != "-" && !strings.ContainsAny(name, `./\`) {
			return o, &hintedError{err: fmt.Errorf("the path %q does not exist", name), hint: oneImageHint}
		}
	}
	return o, nil
}

func readPodFlags(c *cli.Context) (podFlags, error) {
	o := podFlags{publishAll: c.Bool("publish-all"), images: map[string]string{}, backoffScale: c.Float64("backoff-scale")}
	for _, text := range c.StringSlice("publish") {
		port, err := parsePublish(text)
		if err != nil {
			return o, err
		}
		o.publish = append(o.publish, port)
	}
	for _, pair := range c.StringSlice("image") {
		name, ref, err := cutPair("--image", pair)
		if err != nil {
			return o, &hintedError{err: err, hint: oneImageHint}
		}
		o.images[name] = ref
	}
	switch pull := c.String("pull"); pull {
	case "":
	case "always":
		o.pull = v1.PullAlways
	case "missing":
		o.pull = v1.PullIfNotPresent
	case "never":
		o.pull = v1.PullNever
	default:
		return o, usagef("--pull is always, missing or never, not %q", pull)
	}
	if o.backoffScale <= 0 {
		return o, usagef("--backoff-scale must be greater than 0")
	}
	return o, nil
}

// runDetached hands the pods to the background node.
func (a *app) runDetached(ctx context.Context, s *session, plan runPlan, o runOptions) error {
	outliveReaders()
	made, err := a.make(ctx, s, plan, 0)
	if err == nil {
		for _, obj := range made.all {
			fmt.Fprintln(a.stdout, titleOf(obj), "created")
		}
		err = s.EnsureNode(ctx)
	}
	if err != nil {
		made.undo(context.WithoutCancel(ctx), s)
		return &exitError{code: exitFailed, err: err}
	}
	if o.wait == "" {
		return nil
	}
	return a.awaitDetached(ctx, s, made.pods, o)
}

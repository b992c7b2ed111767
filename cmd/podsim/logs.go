package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/cmd/podsim/internal/resource"
	"github.com/podsim/podsim/simulator"
)

// selectorTail is how many lines kubectl shows of each log when pods are selected by labels.
const selectorTail = 10

// logsOptions are those of logs.
type logsOptions struct {
	pod       string
	namespace string
	selector  string
	// all takes every container.
	all          bool
	prefix       bool
	ignoreErrors bool
	maxRequests  int
	log          simulator.LogOptions
}

// logSource is one container whose log is shown.
type logSource struct {
	pod       *v1.Pod
	container string
}

func (a *app) logsVerb() *cli.Command {
	return &cli.Command{
		Name: "logs", Aliases: []string{"log"}, Usage: "print what containers wrote", UsageText: "logs POD [-c CONTAINER]",
		Flags: []cli.Flag{
			containerFlag(), selectorFlag(),
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on with what is written from now on"},
			&cli.BoolFlag{Name: "previous", Aliases: []string{"p"}, Usage: "of the run before the last restart"},
			&cli.Int64Flag{Name: "tail", Value: -1, Usage: "`NUMBER` of last lines; -1 is all"},
			&cli.DurationFlag{Name: "since", Usage: "only what is newer than `DURATION`"},
			&cli.StringFlag{Name: "since-time", Usage: "only what is newer than `TIME` (RFC 3339)"},
			&cli.BoolFlag{Name: "timestamps", Usage: "begin each line with its time"},
			&cli.Int64Flag{Name: "limit-bytes", Usage: "at most `NUMBER` bytes"},
			&cli.BoolFlag{Name: "all-containers", Usage: "of every container of the pod"},
			&cli.BoolFlag{Name: "all-pods", Hidden: true},
			&cli.BoolFlag{Name: "prefix", Usage: "begin each line with its pod and container"},
			&cli.BoolFlag{Name: "ignore-errors", Usage: "go on when a log cannot be read"},
			&cli.IntFlag{Name: "max-log-requests", Value: 5, Usage: "`NUMBER` of logs to follow at once, at most"},
			&cli.DurationFlag{Name: "pod-running-timeout", Hidden: true},
			&cli.BoolFlag{Name: "insecure-skip-tls-verify-backend", Hidden: true},
		},
		Action: func(c *cli.Context) error {
			o, err := a.logsOptions(c)
			if err != nil {
				return err
			}
			s, err := a.open(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.logs(c.Context, s, o)
		},
	}
}

func (a *app) logsOptions(c *cli.Context) (logsOptions, error) {
	o := logsOptions{
		namespace: c.String("namespace"), selector: c.String("selector"), all: c.Bool("all-containers"), prefix: c.Bool("prefix"),
		ignoreErrors: c.Bool("ignore-errors"), maxRequests: c.Int("max-log-requests"),
	}
	o.log = simulator.LogOptions{
		Container: c.String("container"), Previous: c.Bool("previous"), Follow: c.Bool("follow"), Timestamps: c.Bool("timestamps"),
	}
	if err := o.limits(c); err != nil {
		return o, err
	}
	argv := a.line.Args
	switch {
	case len(argv) == 0 && o.selector == "", len(argv) > 2:
		return o, a.helpfulf(c, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")
	case len(argv) > 0 && o.selector != "":
		return o, a.helpfulf(c, "only a selector (-l) or a POD name is allowed")
	case o.all && o.log.Container != "":
		return o, usagef("--all-containers=true should not be specified with container name %s", o.log.Container)
	}
	if len(argv) == 2 {
		if o.log.Container != "" {
			return o, usagef("only one of -c or an inline [CONTAINER] arg is allowed")
		}
		o.log.Container = argv[1]
	}
	if len(argv) == 0 {
		return o, nil
	}
	var err error
	o.pod, err = resource.PodName(argv[0])
	return o, err
}

// limits reads the flags that select a part of the log.
func (o *logsOptions) limits(c *cli.Context) error {
	if c.IsSet("since") && c.IsSet("since-time") {
		return usagef("at most one of `sinceTime` or `sinceSeconds` may be specified")
	}
	switch since := c.Duration("since"); {
	case c.IsSet("since") && since <= 0:
		return usagef("--since must be greater than 0")
	case since > 0:
		o.log.Since = time.Now().Add(-since)
	}
	if at := c.String("since-time"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return err
		}
		o.log.Since = t
	}
	tail := c.Int64("tail")
	if !c.IsSet("tail") && o.selector != "" {
		tail = selectorTail
	}
	switch {
	case tail < -1:
		return usagef("--tail must be greater than or equal to -1")
	case tail >= 0:
		o.log.Tail = &tail
	}
	switch limit := c.Int64("limit-bytes"); {
	case limit < 0:
		return usagef("--limit-bytes must be greater than 0")
	case limit > 0:
		o.log.LimitBytes = &limit
	}
	return nil
}

func (a *app) logs(ctx context.Context, s *session, o logsOptions) error {
	sources, err := a.logSources(ctx, s, o)
	if err != nil {
		return err
	}
	if o.log.Follow && len(sources) > 1 {
		if len(sources) > o.maxRequests {
			return fmt.Errorf("you are attempting to follow %d log streams, but maximum allowed concurrency is %d, use --max-log-requests to increase the limit",
				len(sources), o.maxRequests)
		}
		return a.followLogs(ctx, s, sources, o)
	}
	for _, source := range sources {
		if err := a.oneLog(ctx, s, source, o, a.stdout); err != nil {
			if !o.ignoreErrors {
				return err
			}
			fmt.Fprintln(a.stdout, "error: "+err.Error()) // kubectl has it among the lines of the logs
		}
	}
	return nil
}

// logSources finds the pods and their containers.
func (a *app) logSources(ctx context.Context, s *session, o logsOptions) ([]logSource, error) {
	if o.selector == "" {
		pod, err := s.Pod(ctx, o.namespace, o.pod)
		if apierrors.IsNotFound(err) {
			ns := o.namespace
			if ns == "" {
				ns = s.Namespace()
			}
			return nil, fmt.Errorf("error from server (NotFound): pods %q not found in namespace %q", o.pod, ns)
		}
		if err != nil {
			return nil, err
		}
		return a.sourcesOf(pod, o)
	}
	pods, err := s.PodList(ctx, simulator.ListOptions{Namespace: o.namespace, Labels: o.selector})
	if err != nil {
		return nil, err
	}
	if len(pods) == 0 {
		a.nothingFound(s, simulator.ListOptions{})
	}
	var sources []logSource
	for _, pod := range pods {
		of, err := a.sourcesOf(pod, o)
		if err != nil {
			return nil, err
		}
		sources = append(sources, of...)
	}
	return sources, nil
}

func (a *app) sourcesOf(pod *v1.Pod, o logsOptions) ([]logSource, error) {
	if o.all {
		var sources []logSource
		for _, name := range simulator.ContainerNames(pod) {
			sources = append(sources, logSource{pod: pod, container: name})
		}
		return sources, nil
	}
	choice, err := simulator.ChooseContainer(pod, o.log.Container)
	if err != nil {
		return nil, errors.New(err.Error()) // kubectl finds out by itself: no error "from server"
	}
	if choice.Notice != "" {
		fmt.Fprintln(a.stderr, choice.Notice)
	}
	return []logSource{{pod: pod, container: choice.Name}}, nil
}

func (a *app) oneLog(ctx context.Context, s *session, source logSource, o logsOptions, w io.Writer) error {
	if o.prefix {
		lines := print.NewLines(w)
		prefixed := lines.Writer(fmt.Sprintf("[pod/%s/%s] ", source.pod.Name, source.container))
		defer prefixed.Close()
		w = prefixed
	}
	o.log.Container = source.container
	return s.Logs(ctx, source.pod.Namespace, source.pod.Name, o.log, w)
}

// followLogs follows several at once; whole lines are written, so that they never run into each other.
func (a *app) followLogs(ctx context.Context, s *session, sources []logSource, o logsOptions) error {
	lines := print.NewLines(a.stdout)
	results := make(chan error)
	for _, source := range sources {
		prefix := ""
		if o.prefix {
			prefix = fmt.Sprintf("[pod/%s/%s] ", source.pod.Name, source.container)
		}
		log := o.log
		log.Container = source.container
		go func() {
			w := lines.Writer(prefix)
			err := s.Logs(ctx, source.pod.Namespace, source.pod.Name, log, w)
			results <- errors.Join(err, w.Close())
		}()
	}
	var errs []error
	for range sources {
		if err := <-results; err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

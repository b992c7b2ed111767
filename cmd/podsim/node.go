package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/simulator"
)

// nodeIdle is how long the background node stays after its last pod.
const nodeIdle = 10 * time.Second

func (a *app) nodeVerb() *cli.Command {
	return &cli.Command{
		Name: "node", Usage: "run the node that owns detached pods, in the foreground and with its log",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "background", Hidden: true},
			&cli.DurationFlag{Name: "idle", Usage: "end `DURATION` after the last pod; 0 is never"},
		},
		Action: func(c *cli.Context) error {
			s, err := a.connect(c)
			if err != nil {
				return err
			}
			defer s.close()
			return a.node(c, s)
		},
	}
}

func (a *app) node(c *cli.Context, s *session) error {
	level := slog.LevelInfo
	if s.log.Enabled(c.Context, slog.LevelDebug) {
		level = slog.LevelDebug
	}
	o := simulator.NodeOptions{
		Background: true, Idle: c.Duration("idle"),
		Log: slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level})),
	}
	if c.Bool("background") && !c.IsSet("idle") {
		o.Idle = nodeIdle
	}
	if !c.Bool("background") {
		if pid, err := s.Node(); err == nil && pid != 0 {
			return &hintedError{
				err:  fmt.Errorf("a background node runs already, as process %d", pid),
				hint: "its log is " + s.NodeLog(),
			}
		}
	}
	err := s.RunNode(c.Context, o)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

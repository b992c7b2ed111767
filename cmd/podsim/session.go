package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator"
)

// session is an open engine and the simulator on it.
type session struct {
	*simulator.Simulator
	engine runtime.Engine
	log    *slog.Logger
	// stop ends what goes on beside the command.
	stop func()
}

// close is for defer: what an engine says at its end is of no use to anybody.
func (s *session) close() {
	s.stop()
	_ = s.engine.Close()
}

// open is connect for verbs that show pods or work on them: those whose owner
// died, or dies meanwhile, get another, so that what follows is the truth.
func (a *app) open(c *cli.Context) (*session, error) {
	s, err := a.connect(c)
	if err != nil {
		return nil, err
	}
	if err := s.Adopt(c.Context); err != nil {
		a.warn(err.Error())
	}
	ctx, stop := context.WithCancel(c.Context)
	s.stop = stop
	go s.KeepAdopted(ctx)
	return s, nil
}

// connect connects to the engine that the flags choose.
func (a *app) connect(c *cli.Context) (*session, error) {
	engine, err := a.engine(c)
	if err != nil {
		return nil, err
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program's file: %w", err)
	}
	sim, err := simulator.New(c.Context, simulator.Options{
		Engine: engine, Home: c.String("home"), Namespace: c.String("namespace"), PauseImage: pauseImage(c),
		NodeCommand: append([]string{executable}, nodeArguments(c)...),
	})
	if err != nil {
		_ = engine.Close()
		return nil, err
	}
	return &session{Simulator: sim, engine: engine, log: a.logger(c), stop: func() {}}, nil
}

func (a *app) engine(c *cli.Context) (runtime.Engine, error) {
	switch name := c.String("runtime"); name {
	case "docker", "":
		return docker.Connect(c.Context, docker.Options{Host: c.String("host"), Context: c.String("context")})
	case runtimeFake:
		return fakeEngine(), nil
	default:
		return nil, usagef("unknown runtime %q: it is docker or fake", name)
	}
}

// The engine in memory, and the pause image that it has.
const (
	runtimeFake = "fake"
	fakePause   = "podsim.fake/pause"
)

// fakeEngine is an engine in memory whose registry has every image: each runs a few commands (sh -c "echo x; sleep 1; exit
// 3"), enough to try podsim without an engine. What it runs ends with this process.
func fakeEngine() runtime.Engine {
	var engine *fake.Engine
	engine = fake.New(fake.Hooks{Before: func(_ context.Context, call fake.Call) error {
		if call.Op == "pull" {
			engine.AddImage(fake.ShellImage(call.Subject))
		}
		return nil
	}}, fake.ShellImage(fakePause))
	return engine
}

// pauseImage is the one that replaces the embedded one, "" for none.
func pauseImage(c *cli.Context) string {
	if image := c.String("pause-image"); image != "" || c.String("runtime") != runtimeFake {
		return image
	}
	return fakePause
}

// nodeArguments are those that make a background node use the engine and the state of this command.
func nodeArguments(c *cli.Context) []string {
	argv := []string{"node", "--background"}
	for _, name := range []string{"host", "context", "home", "runtime", "pause-image"} {
		if c.IsSet(name) {
			argv = append(argv, "--"+name+"="+c.String(name))
		}
	}
	return argv
}

// logger is the developers' log: silent unless -v asks for it.
func (a *app) logger(c *cli.Context) *slog.Logger {
	level, err := strconv.Atoi(c.String("v"))
	if err != nil || level <= 0 {
		return slog.New(slog.DiscardHandler)
	}
	least := slog.LevelInfo
	if level >= 4 {
		least = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: least}))
}

func (a *app) engineVersion(c *cli.Context) (*engineVersion, error) {
	engine, err := a.engine(c)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	info, err := engine.Info(c.Context)
	if err != nil {
		return nil, err
	}
	return &engineVersion{Name: "Docker", Version: info.Version, APIVersion: info.APIVersion, Endpoint: info.Endpoint}, nil
}

// Command testimages makes the images of the tests on the engine that the
// docker command would use, and says which.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime/docker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	e, err := docker.Connect(ctx, docker.Options{})
	if err != nil {
		return err
	}
	defer e.Close()
	tags, err := images.EnsureAll(ctx, e)
	for _, tag := range tags {
		fmt.Println(tag)
	}
	return err
}

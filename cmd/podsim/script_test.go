package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts call this binary as podsim.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"podsim":     func() { os.Exit(realMain()) },
		"docker-pod": func() { os.Exit(realMain()) },
	})
}

// TestScript plays the terminal sessions of testdata/script. No engine is there: DOCKER_HOST leads nowhere.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DOCKER_HOST", "unix://"+env.WorkDir+"/no-engine.sock")
			env.Setenv("PODSIM_HOME", env.WorkDir+"/home")
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}

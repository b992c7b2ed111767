package fake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/runtime/runtimetest"
)

func TestFakeKeepsThePromisesOfAnEngine(t *testing.T) {
	t.Parallel()
	runtimetest.Run(t, func(t *testing.T) runtimetest.Harness {
		e := fake.New(fake.Hooks{
			Program: func(s runtime.ContainerSpec) fake.Program { return do(s.Entrypoint) },
			Exec:    func(_ runtime.Meta, o runtime.ExecOptions) fake.Program { return do(o.Cmd) },
		}, fake.ShellImage("suite"), fake.ShellImage("pause"))
		t.Cleanup(func() { e.Close() })
		return runtimetest.Harness{Engine: e, Image: "suite", Pause: "pause", Argv: argv}
	})
}

// argv hides a program in a command line, for do.
func argv(p runtimetest.Program) []string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return []string{"suite", string(text)}
}

// do is the program of a command line made by argv; others do not exist.
func do(argv []string) fake.Program {
	var p runtimetest.Program
	if len(argv) != 2 || argv[0] != "suite" || json.Unmarshal([]byte(argv[1]), &p) != nil {
		return nil
	}
	return func(proc *fake.Proc) int {
		if p.Pwd {
			fmt.Fprintln(proc.Stdout, proc.Dir)
		}
		if p.Env != "" {
			fmt.Fprintln(proc.Stdout, variable(proc.Env, p.Env))
		}
		io.WriteString(proc.Stdout, p.Out)
		io.WriteString(proc.Stderr, p.Err)
		if code := touch(proc, p); code != 0 {
			return code
		}
		if p.Echo {
			io.Copy(proc.Stdout, proc.Stdin)
		}
		if p.Wait {
			return wait(proc, p)
		}
		return p.Code
	}
}

// variable is the last value of a name.
func variable(env []string, name string) string {
	for _, line := range slices.Backward(env) {
		if key, value, _ := strings.Cut(line, "="); key == name {
			return value
		}
	}
	return ""
}

func touch(proc *fake.Proc, p runtimetest.Program) int {
	if p.ReadFile != "" {
		body, err := proc.ReadFile(p.ReadFile)
		if err != nil {
			return 1
		}
		proc.Stdout.Write(body)
	}
	if p.WriteFile != "" && proc.WriteFile(p.WriteFile, []byte(p.WriteFile)) != nil {
		return 1
	}
	return 0
}

func wait(proc *fake.Proc, p runtimetest.Program) int {
	io.WriteString(proc.Stderr, "ready\n")
	for {
		select {
		case <-proc.Context.Done():
			return 137
		case s := <-proc.Signals:
			if s == "USR1" {
				return 10
			}
			if s == "TERM" && !p.Deaf {
				return p.Code
			}
		}
	}
}

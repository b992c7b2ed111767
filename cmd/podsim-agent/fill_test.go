//go:build linux

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// input is what comes in for volumes, with no end.
func input(t *testing.T, volumes map[string]map[string]string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	for root, files := range volumes {
		wire.WriteMessage(&b, wire.Swap{Volume: root})
		if _, err := io.Copy(&b, payload(t, files)); err != nil {
			t.Fatal(err)
		}
	}
	return &b
}

func TestFillWritesEveryPayloadUpToTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*bytes.Buffer){
		"that is said":    func(b *bytes.Buffer) { wire.WriteMessage(b, wire.Swap{}); b.WriteString("more") },
		"of a dead owner": func(*bytes.Buffer) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := t.TempDir(), t.TempDir()
			in := input(t, map[string]map[string]string{one: {"a": "1", "sub/b": "2"}, two: {"c": "3"}})
			end(in)
			if got := fill(in); got.Error != "" {
				t.Error(got.Error)
			}
			want := map[string]string{"..data": "-> TS", "a": "-> ..data/a", "sub": "-> ..data/sub", "TS/a": "1", "TS/sub/b": "2"}
			if diff := cmp.Diff(want, tree(t, one)); diff != "" {
				t.Error(diff)
			}
			if got := tree(t, two)["c"]; got != "-> ..data/c" {
				t.Errorf("the second volume: %q", got)
			}
		})
	}
}

func TestFillSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	in := input(t, map[string]map[string]string{root: {"a": "1"}})
	in.Truncate(in.Len() - 6)
	for name, tt := range map[string]struct {
		in   io.Reader
		want string
	}{
		"no such volume":       {input(t, map[string]map[string]string{"/no/such": {}}), "open /no/such: no such file or directory"},
		"a payload broken off": {in, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fill(tt.in).Error; !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPauseTakesPayloadsAfterItIsReady(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	in := input(t, map[string]map[string]string{root: {"a": "1"}})
	cmd := program(t, "")
	cmd.Env = append(cmd.Env, wire.SetupEnv+`={"payload":true}`)
	cmd.Stdin = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	lines := make([]byte, 0, 1<<10)
	for bytes.Count(lines, []byte("\n")) < 2 {
		n, err := out.Read(lines[len(lines):cap(lines)])
		if err != nil {
			t.Fatal(err)
		}
		lines = lines[:len(lines)+n]
	}
	first, second, _ := strings.Cut(string(lines), "\n")
	if ready, err := wire.ParseReady([]byte(first)); err != nil || !ready.Payload || second != "{}\n" {
		t.Errorf("%s\n%v", lines, err)
	}
	if got := tree(t, root)["TS/a"]; got != "1" {
		t.Errorf("a holds %q", got)
	}
}

package simulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/node"
	"github.com/podsim/podsim/simulator/internal/store"
)

// DefaultNamespace is the namespace of pods that name none.
const DefaultNamespace = "default"

// Options of a Simulator.
type Options struct {
	// Engine is where containers run. The caller closes it.
	Engine runtime.Engine
	// Home is the state directory; "" is $PODSIM_HOME, else
	// $XDG_STATE_HOME/podsim, else ~/.local/state/podsim. Each engine has a
	// directory of its own in it.
	Home string
	// Namespace is used where none is given; "" is "default".
	Namespace string
	// NodeCommand starts the background node: the executable and its arguments,
	// among them those that choose this engine. Nil is this executable with
	// "node --background"; the variables of the environment are handed on.
	NodeCommand []string
	// PauseImage replaces the embedded pause image; "" does not.
	PauseImage string
}

// Simulator is a client of the pods on one engine. It may be used by many
// goroutines.
type Simulator struct {
	engine    runtime.Engine
	info      runtime.Info
	store     *store.Store
	namespace string
	opts      Options
	// agent reaches the program inside sandboxes.
	agent node.Agent
}

// New opens the state kept for an engine. The engine must answer: it is asked
// who it is.
func New(ctx context.Context, o Options) (*Simulator, error) {
	if o.Engine == nil {
		return nil, errors.New("no container engine given")
	}
	info, err := o.Engine.Info(ctx)
	if err != nil {
		return nil, err
	}
	home := o.Home
	if home == "" {
		if home, err = DefaultHome(); err != nil {
			return nil, err
		}
	}
	st, err := store.Open(filepath.Join(home, "engines", engineFolder(info)))
	if err != nil {
		return nil, err
	}
	s := &Simulator{engine: o.Engine, info: info, store: st, namespace: o.Namespace, opts: o, agent: sandboxes{o.Engine, o.PauseImage}}
	if s.namespace == "" {
		s.namespace = DefaultNamespace
	}
	return s, nil
}

// DefaultHome is the state directory when none is given.
func DefaultHome() (string, error) {
	if dir := os.Getenv("PODSIM_HOME"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "podsim"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the state directory: %w (set PODSIM_HOME)", err)
	}
	return filepath.Join(home, ".local", "state", "podsim"), nil
}

// engineFolder names the directory of an engine's state after its id, which
// survives the engine's restarts; an id with other signs is hashed.
func engineFolder(info runtime.Info) string {
	id := info.ID
	if id == "" {
		id = info.Endpoint
	}
	plain := strings.ToLower(strings.ReplaceAll(id, ":", "-"))
	for _, r := range plain {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			plain = ""
			break
		}
	}
	if plain == "" || len(plain) > 80 {
		sum := sha256.Sum256([]byte(id))
		return hex.EncodeToString(sum[:8])
	}
	return plain
}

// Dir is the directory that holds the state of this engine's pods.
func (s *Simulator) Dir() string { return s.store.Dir() }

// Namespace is the namespace that is used where none is given.
func (s *Simulator) Namespace() string { return s.namespace }

func (s *Simulator) ns(given string) string {
	if given == "" {
		return s.namespace
	}
	return given
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fatih/color"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/cmd/podsim/internal/print"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator"
)

// pullStep is how often the progress of a pull is told.
const pullStep = 2 * time.Second

// maxWidth is how far short names are filled up beside long ones: the lines are for what the programs say.
const maxWidth = 20

// screen is what a run shows: logs on stdout, what happens on stderr, each a whole line at a time.
type screen struct {
	look    runLook
	logs    *print.Lines
	notes   *print.Lines
	several bool
	width   int
	names   []string
	// colour is for logs, noteColour for what is told of them.
	colour, noteColour bool
	// terminal: somebody watches, so that progress of pulls is worth a line.
	terminal bool
	// stopping: the end of the pods is the run's own doing.
	stopping atomic.Bool

	// runs and ends are the container ids of which the begin and the end were told.
	runs, ends told

	mu     sync.Mutex
	pulls  map[string]*pullState
	events map[types.UID]int32
}

func newScreen(a *app, look runLook, plan runPlan) *screen {
	s := &screen{
		look: look, logs: print.NewLines(a.stdout), notes: print.NewLines(a.stderr), several: len(plan.pods) > 1,
		colour: coloured(a.stdout), noteColour: coloured(a.stderr), terminal: isTerminal(a.stderr),
		pulls: map[string]*pullState{}, events: map[types.UID]int32{}, runs: told{}, ends: told{},
	}
	for _, p := range plan.pods {
		for _, name := range simulator.ContainerNames(p.pod()) {
			s.names = append(s.names, s.subject(p.object.GetName(), name))
			s.width = max(s.width, min(len(s.names[len(s.names)-1]), maxWidth))
		}
	}
	return s
}

// told are ids of what was told.
type told map[string]bool

// tell tells once.
func (t told) tell(id string, say func()) {
	if !t[id] {
		t[id] = true
		say()
	}
}

// coloured tells whether a stream takes colours.
func coloured(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// subject names a container: with its pod when there are several pods.
func (s *screen) subject(pod, container string) string {
	switch {
	case container == "":
		return pod
	case s.several:
		return pod + "/" + container
	}
	return container
}

// logOf is where a container's log goes.
func (s *screen) logOf(pod, container string) io.WriteCloser {
	if s.look.noPrefix {
		return s.logs.Writer("")
	}
	name := s.subject(pod, container)
	prefix := name + strings.Repeat(" ", max(s.width-len(name), 0)) + " | "
	if s.colour {
		prefix = s.paint(name).Sprint(prefix)
	}
	return s.logs.Writer(prefix)
}

// paint gives each container its colour.
func (s *screen) paint(name string) *color.Color {
	colours := []color.Attribute{
		color.FgCyan, color.FgYellow, color.FgGreen, color.FgMagenta, color.FgBlue,
		color.FgHiCyan, color.FgHiYellow, color.FgHiGreen, color.FgHiMagenta, color.FgHiBlue,
	}
	index := 0
	for i, n := range s.names {
		if n == name {
			index = i
		}
	}
	c := color.New(colours[index%len(colours)])
	c.EnableColor()
	return c
}

// say tells one thing on stderr, unless the user wants quiet.
func (s *screen) say(text string) {
	if !s.look.quiet {
		s.notes.Print(strings.TrimRight(text, "\n") + "\n")
	}
}

// about tells something of a pod or a container.
func (s *screen) about(pod, container, text string) { s.tell(pod, container, text, color.Faint) }

// bad is about for what went wrong.
func (s *screen) bad(pod, container, text string) { s.tell(pod, container, text, color.FgRed) }

func (s *screen) tell(pod, container, text string, look color.Attribute) {
	name := s.subject(pod, container)
	if s.noteColour {
		text = painted(text, look)
		if container != "" {
			name = s.paint(name).Sprint(name)
		}
	}
	s.say(name + ": " + text)
}

// hint gives an explanation.
func (s *screen) hint(line string) {
	word := "hint:"
	if s.noteColour {
		word = painted(word, color.FgYellow)
	}
	s.say(word + " " + line)
}

func painted(text string, look color.Attribute) string {
	c := color.New(look)
	c.EnableColor()
	return c.Sprint(text)
}

// stop makes the ends of pods no news from now on.
func (s *screen) stop() { s.stopping.Store(true) }

// event tells what an event says, once.
func (s *screen) event(e v1.Event) {
	s.mu.Lock()
	count := max(e.Count, 1)
	known := s.events[e.UID]
	if known >= count && e.UID != "" || s.stopping.Load() && e.Reason == "Unhealthy" {
		s.mu.Unlock()
		return
	}
	// What comes again and again is told less and less often.
	again := known > 0 && count < 2*known
	if !again {
		s.events[e.UID] = count
	}
	s.mu.Unlock()
	if again {
		return
	}
	pod, container := e.InvolvedObject.Name, containerOf(e.InvolvedObject.FieldPath)
	if text := eventLine(e); text != "" {
		s.about(pod, container, text)
	}
}

// containerOf is the name in spec.containers{NAME}.
func containerOf(path string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(path, "}"), "{")
	return name
}

// eventLine shortens the events of an ordinary life, and gives the others as they are.
func eventLine(e v1.Event) string {
	message := strings.TrimSpace(e.Message)
	switch e.Reason {
	case "Scheduled", "Created", "Started", "BackOff", "Failed", "ErrImageNeverPull":
		return "" // the states of containers tell it
	case "Killing":
		if strings.HasPrefix(message, "Stopping container") {
			return "stopping"
		}
		if !strings.Contains(message, " ") {
			return "" // a reason alone, which another event explains
		}
		return message
	case "Pulled":
		if strings.Contains(message, " already present on machine") {
			return ""
		}
		return strings.ToLower(message[:1]) + message[1:]
	case "Pulling":
		return strings.ToLower(message[:1]) + message[1:]
	}
	if e.Count > 1 {
		message += fmt.Sprintf(" (%d times)", e.Count)
	}
	return e.Reason + ": " + message
}

// tellState says in one line how a pod stands.
func (a *app) tellState(pod *v1.Pod) {
	text := fmt.Sprintf("pod %q: %s, %s ready", pod.Name, print.Status(pod), print.Ready(pod))
	if pod.Status.Message != "" {
		text += ": " + strings.TrimSpace(pod.Status.Message)
	}
	fmt.Fprintln(a.stderr, text)
	for _, list := range [][]v1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, c := range list {
			if w := c.State.Waiting; w != nil && w.Message != "" {
				fmt.Fprintf(a.stderr, "  %s: %s: %s\n", c.Name, w.Reason, w.Message)
			}
		}
	}
}

// pullState adds up the layers of an image.
type pullState struct {
	layers map[string]runtime.PullProgress
	told   time.Time
}

// pull hears of the progress of pulls; it tells now and then when somebody watches.
func (s *screen) pull(pod types.NamespacedName, image string, p runtime.PullProgress) {
	if !s.terminal || p.Layer == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.pulls[image]
	if state == nil {
		state = &pullState{layers: map[string]runtime.PullProgress{}, told: time.Now()}
		s.pulls[image] = state
	}
	if p.Total > 0 && p.Status == "Downloading" {
		state.layers[p.Layer] = p
	}
	if time.Since(state.told) < pullStep || len(state.layers) == 0 {
		return
	}
	state.told = time.Now()
	var current, total int64
	for _, layer := range state.layers {
		current, total = current+layer.Current, total+layer.Total
	}
	s.about(pod.Name, "", fmt.Sprintf("pulling image %q: %.1f of %.1f MB", image, float64(current)/1e6, float64(total)/1e6))
}

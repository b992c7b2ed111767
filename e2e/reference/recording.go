package reference

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Recording is what was seen of a case, on the kubelet or on podsim.
type Recording struct {
	Create Output
	// States are the distinct states a watch delivered.
	States []State
	// Objects are the same as whole objects; on the kubelet only the two that
	// were kept.
	Objects []map[string]any
	// Status is the object after the wait; Final the last before it was gone.
	Status, Final map[string]any
	Events        []Event
	// Rows are the lines of get -w.
	Rows []Row
	// Outputs are by file name without ".txt": "exec-a-ps", "kubectl-get".
	Outputs map[string]Output
	// Logs are by file name without ".txt": "log-a", "log-a.prev", "follow-a".
	Logs map[string]string
}

// Output is what a command gave.
type Output struct {
	Stdout, Stderr string
	Code           int
}

// Row is a line of get -w.
type Row struct {
	// At is when it was printed, in seconds; zero on podsim.
	At                  float64
	Name, Ready, Status string
}

// Recorded reads what the kubelet did.
func Recorded(c Case) (Recording, error) {
	r := Recording{
		Create:  parseCreate(c.Files["create.txt"]),
		Events:  parseEvents(c.Files["events.txt"]),
		Rows:    parseRows(c.Files["get-w.txt"]),
		Outputs: map[string]Output{},
		Logs:    map[string]string{},
	}
	var err error
	if r.States, err = parseTimeline(c.Files["timeline.txt"]); err != nil {
		return r, fmt.Errorf("read timeline.txt: %w", err)
	}
	for file, into := range map[string]*map[string]any{"status.json": &r.Status, "final.json": &r.Final} {
		if !c.Has(file) {
			continue
		}
		if err := json.Unmarshal([]byte(c.Files[file]), into); err != nil {
			return r, fmt.Errorf("read %s: %w", file, err)
		}
	}
	r.Status = firstItem(r.Status)
	for file, text := range c.Files {
		key := strings.TrimSuffix(file, ".txt")
		switch {
		case strings.HasPrefix(file, "exec-"), strings.HasPrefix(file, "kubectl-"):
			if r.Outputs[key], err = parseOutput(text); err != nil {
				return r, fmt.Errorf("read %s: %w", file, err)
			}
		case strings.HasPrefix(file, "log-"), strings.HasPrefix(file, "follow-"):
			r.Logs[key] = text
		}
	}
	return r, nil
}

// firstItem is the first object of a list, and any other object itself.
func firstItem(object map[string]any) map[string]any {
	if items, ok := object["items"].([]any); ok && len(items) > 0 {
		first, _ := items[0].(map[string]any)
		return first
	}
	return object
}

// parseCreate reads "rc=N" and what was printed.
func parseCreate(text string) Output {
	first, rest, _ := strings.Cut(text, "\n")
	code, _ := strconv.Atoi(strings.TrimPrefix(first, "rc="))
	return Output{Stdout: rest, Code: code}
}

var endOfOutput = regexp.MustCompile(`\[rc=(-?\d+)[^\]]*\]\n?$`)

// parseOutput reads "$ COMMAND", stdout, "--- stderr", stderr, "[rc=N ...]".
func parseOutput(text string) (Output, error) {
	end := endOfOutput.FindStringSubmatchIndex(text)
	if end == nil {
		return Output{}, fmt.Errorf("no [rc=N] at the end")
	}
	code, err := strconv.Atoi(text[end[2]:end[3]])
	if err != nil {
		return Output{}, err
	}
	body := text[:end[0]]
	// The command itself may span lines; the output begins after the first.
	_, body, _ = strings.Cut(body, "\n")
	out, errText, _ := strings.Cut("\n"+body, "\n--- stderr\n")
	return Output{Stdout: strings.TrimPrefix(out, "\n"), Stderr: errText, Code: code}, nil
}

// parseRows reads lines of get -w, with or without a time before them.
func parseRows(text string) []Row {
	var rows []Row
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		at := 0.0
		if len(f) > 0 && isNumber(f[0]) {
			at, _ = strconv.ParseFloat(f[0], 64)
			f = f[1:]
		}
		if len(f) < 4 || f[0] == "NAME" {
			continue
		}
		rows = append(rows, Row{At: at, Name: f[0], Ready: f[1], Status: f[2]})
	}
	return rows
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

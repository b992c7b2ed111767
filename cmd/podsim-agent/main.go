//go:build linux

package main

import (
	"encoding/json"
	"os"
)

func main() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "":
		pause()
	case "tunnel":
		tunnel(os.Stdin, os.Stdout)
	case "inspect":
		inspect()
	case "kill":
		kill(os.Args[2:])
	default:
		os.Stderr.WriteString("usage: podsim-agent [tunnel|inspect|kill CONTAINER PID]\n")
		os.Exit(2)
	}
}

// printJSON writes one line.
func printJSON(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		fail(err)
	}
	os.Stdout.Write(append(b, '\n'))
}

func fail(err error) {
	os.Stderr.WriteString("podsim-agent: " + err.Error() + "\n")
	os.Exit(1)
}

//go:build windows

package main

import "time"

// resizePoll is how often the console is asked for its size: Windows tells nobody.
const resizePoll = 250 * time.Millisecond

// resizeSignal tells when the terminal may have another size.
func resizeSignal() (changed <-chan time.Time, stop func()) {
	t := time.NewTicker(resizePoll)
	return t.C, t.Stop
}

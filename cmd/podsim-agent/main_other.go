//go:build !linux

package main

import "os"

func main() {
	os.Stderr.WriteString("podsim-agent: runs on linux only\n")
	os.Exit(2)
}

//go:build linux

package main

import (
	"errors"
	"os"
	"strconv"
	"syscall"
)

// kill ends a process if it still is one of the container: its number may have
// become another's.
func kill(args []string) {
	if len(args) != 2 {
		fail(errors.New("kill needs a container and a process"))
	}
	pid, err := strconv.Atoi(args[1])
	if err != nil {
		fail(err)
	}
	if containerOf("/proc/"+args[1]) != args[0] {
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		fail(os.NewSyscallError("kill", err))
	}
}

package simulator

import (
	"os"
	"os/exec"
	"syscall"
)

// detachedProcess is DETACHED_PROCESS of the Windows API.
const detachedProcess = 0x00000008

// detach takes a process from the console: it outlives the terminal.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP}
}

// alive tells whether a process exists.
func alive(pid int) bool {
	p, err := os.FindProcess(pid) // opens it, and fails when there is none
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

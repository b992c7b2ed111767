package config

import (
	"path"
	"strconv"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// madeMessages is for how many instances of a container the pause process makes
// message files; the node has the agent make further ones (MessageFiles).
const madeMessages = 16

// messageFile is an instance's termination message inside the state volume.
func messageFile(container string, attempt int) string {
	return path.Join("term", container, strconv.Itoa(attempt))
}

// MessagePath is where the sandbox sees an instance's termination message.
func MessagePath(container string, attempt int) string {
	return path.Join(StateDir, messageFile(container, attempt))
}

// MessageFiles are the termination message files of the instances from (first)
// to (last, not included) as the agent makes them; none when the container
// wants none.
func MessageFiles(c *v1.Container, from, to int) []wire.File {
	if c.TerminationMessagePath == "" {
		return nil
	}
	var files []wire.File
	for attempt := from; attempt < to; attempt++ {
		files = append(files, wire.File{Path: MessagePath(c.Name, attempt), Mode: 0o666})
	}
	return files
}

// MessageFilesNeeded are the files that the agent has to make before instance
// attempt is created, because the pause process did not: those of containers
// added to a running pod, and of late instances.
func MessageFilesNeeded(c *v1.Container, kind runtime.Kind, attempt int) []wire.File {
	if attempt < madeMessages && kind != runtime.KindEphemeral {
		return nil
	}
	return MessageFiles(c, attempt, attempt+1)
}

// messageMount binds an instance's message file into the container. It is there
// when the container is started, but perhaps not when it is created: an engine
// that would look then must not.
func messageMount(pod *v1.Pod, c *v1.Container, attempt int) (runtime.Mount, bool) {
	if c.TerminationMessagePath == "" {
		return runtime.Mount{}, false
	}
	return runtime.Mount{
		Kind: runtime.MountVolume, Source: StateVolumeName(pod), Subpath: messageFile(c.Name, attempt),
		Target: absolute(c.TerminationMessagePath), CreateHostPath: true,
	}, true
}

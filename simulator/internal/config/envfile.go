package config

import (
	"errors"
	"path"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// fileKey is the value of a fileKeyRef. A key that is empty counts as missing.
func fileKey(in Input, ref *v1.FileKeySelector) (string, bool, error) {
	if !mountedVolumes(in.Pod)[ref.VolumeName] || in.ReadFile == nil {
		return "", false, containerError("cannot find the volume %q referenced by FileKeyRef", ref.VolumeName)
	}
	data, err := in.ReadFile(ref.VolumeName, ref.Path)
	if err != nil {
		return "", false, containerError("couldn't parse env file")
	}
	value, err := parseEnvFile(string(data), ref.Key)
	if err != nil {
		return "", false, containerError("couldn't parse env file")
	}
	if value == "" && !isTrue(ref.Optional) {
		return "", false, containerError("environment variable key %q not found in file %q",
			ref.Key, path.Join(kubeletRoot, "pods", string(in.Pod.UID), "volumes/kubernetes.io~empty-dir", ref.VolumeName, ref.Path))
	}
	return value, value != "", nil
}

var errEnvFile = errors.New("invalid environment variable format")

// parseEnvFile finds key in a file of NAME='value' lines. A value may go over
// several lines; # begins a comment; what stands behind blanks after the = is
// not its value but nothing. (pkg/kubelet/util/env)
func parseEnvFile(text, key string) (string, error) {
	for text != "" {
		var line string
		line, rest, _ := strings.Cut(text, "\n")
		line = strings.TrimLeft(line, " \t")
		if line == "" || line == "\r" || line[0] == '#' {
			text = rest
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" || strings.TrimRight(name, " \t") != name {
			return "", errEnvFile
		}
		if value != strings.TrimLeft(value, " \t") {
			if name == key {
				return "", nil
			}
			text = rest
			continue
		}
		quoted, isQuoted := strings.CutPrefix(value, "'")
		if !isQuoted {
			return "", errEnvFile
		}
		if rest != "" {
			quoted += "\n" + rest
		}
		value, after, closed := strings.Cut(quoted, "'")
		if !closed {
			return "", errEnvFile
		}
		comment, rest, _ := strings.Cut(after, "\n")
		if comment = strings.Trim(comment, " \t\r"); comment != "" && comment[0] != '#' {
			return "", errEnvFile
		}
		if name == key {
			return value, nil
		}
		text = rest
	}
	return "", nil
}

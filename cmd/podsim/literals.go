package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"
	"k8s.io/apimachinery/pkg/util/validation"
)

// keyRules are an object's rules for its keys, in kubectl's words.
type keyRules struct {
	invalid func(key string, problems []string) error
	taken   func(key string) error
	// folder says that --from-env-file names a directory.
	folder string
}

func configMapKeys(name string) keyRules {
	return keyRules{
		invalid: func(key string, problems []string) error {
			return fmt.Errorf("%q is not a valid key name for a ConfigMap: %s", key, strings.Join(problems, ","))
		},
		taken: func(key string) error {
			return fmt.Errorf("cannot add key %q, another key by that name already exists in Data for ConfigMap %q", key, name)
		},
		folder: "env config file cannot be a directory",
	}
}

var secretKeys = keyRules{
	invalid: func(key string, problems []string) error {
		return fmt.Errorf("%q is not valid key name for a Secret %s", key, strings.Join(problems, ";"))
	},
	taken: func(key string) error {
		return fmt.Errorf("cannot add key %s, another key by that name already exists", key)
	},
	folder: "env secret file cannot be a directory",
}

// literalSet gathers keys and refuses a second value for one.
type literalSet struct {
	keyRules
	data map[string][]byte
}

func (s literalSet) add(key string, value []byte) error {
	if problems := validation.IsConfigMapKey(key); len(problems) > 0 {
		return s.invalid(key, problems)
	}
	if _, is := s.data[key]; is {
		return s.taken(key)
	}
	s.data[key] = value
	return nil
}

// literalData is what --from-file, --from-literal and --from-env-file give.
func literalData(c *cli.Context, rules keyRules) (map[string][]byte, error) {
	set := literalSet{rules, map[string][]byte{}}
	files, literals, envFiles := split(c.StringSlice("from-file")), c.StringSlice("from-literal"), split(c.StringSlice("from-env-file"))
	if len(envFiles) > 0 && len(files)+len(literals) > 0 {
		return nil, errors.New("from-env-file cannot be combined with from-file or from-literal")
	}
	for _, step := range []struct {
		sources []string
		add     func(string) error
	}{{files, set.addFile}, {literals, set.addLiteral}, {envFiles, set.addEnvFile}} {
		for _, source := range step.sources {
			if err := step.add(source); err != nil {
				return nil, err
			}
		}
	}
	return set.data, nil
}

// split cuts at commas, as kubectl does with these flags.
func split(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, strings.Split(v, ",")...)
	}
	return out
}

func (s literalSet) addLiteral(pair string) error {
	key, value, ok := strings.Cut(pair, "=")
	if !ok || key == "" {
		return fmt.Errorf("invalid literal source %s, expected key=value", pair)
	}
	return s.add(key, []byte(strings.Trim(value, `"'`)))
}

// addFile reads [KEY=]FILE, or every file of a directory.
func (s literalSet) addFile(source string) error {
	key, path, named := strings.Cut(source, "=")
	switch {
	case !named:
		key, path = filepath.Base(source), source
	case key == "":
		return fmt.Errorf("key name for file path %s missing", path)
	case path == "":
		return fmt.Errorf("file path for key name %s missing", key)
	case strings.Contains(path, "="):
		return errors.New("key names or file paths cannot contain '='")
	}
	info, err := look(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return s.add(key, data)
	}
	if named {
		return errors.New("cannot give a key name for a directory path")
	}
	return s.addFolder(path)
}

func (s literalSet) addFolder(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("error listing files in %s: %w", path, err)
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(path, entry.Name()))
		if err != nil {
			return err
		}
		if err := s.add(entry.Name(), data); err != nil {
			return err
		}
	}
	return nil
}

// addEnvFile reads lines KEY=VALUE; a key alone takes its value from the environment.
func (s literalSet) addEnvFile(path string) error {
	if info, err := look(path); err != nil {
		return err
	} else if info.IsDir() {
		return errors.New(s.folder)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	for lines.Scan() {
		line := strings.TrimLeftFunc(lines.Text(), unicode.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if problems := validation.IsEnvVarName(key); len(problems) > 0 {
			return fmt.Errorf("%q is not a valid key name: %s", key, strings.Join(problems, ";"))
		}
		if !ok {
			value = os.Getenv(key)
		}
		if err := s.add(key, []byte(value)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// look is os.Stat with kubectl's words for what stands against it.
func look(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	var problem *fs.PathError
	if errors.As(err, &problem) {
		err = problem.Err
	}
	if err != nil {
		return nil, fmt.Errorf("error reading %s: %w", path, err)
	}
	return info, nil
}

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/simulator"
)

// literalFlags make an object of `create configmap` and `create secret generic`.
func literalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "from-literal", Usage: "configmap and secret: `KEY=VALUE`"},
		&cli.StringSliceFlag{Name: "from-file", Usage: "configmap and secret: `[KEY=]FILE`, or a directory"},
		&cli.StringSliceFlag{Name: "from-env-file", Usage: "configmap and secret: `FILE` with lines KEY=VALUE"},
		&cli.StringFlag{Name: "type", Usage: "`TYPE` of the secret"},
		&cli.BoolFlag{Name: "append-hash", Hidden: true},
	}
}

// literalObject is what `create TYPE NAME` makes, nil when the arguments say nothing of the kind.
func (a *app) literalObject(c *cli.Context) (simulator.Object, error) {
	argv := a.line.Args
	if len(argv) == 0 {
		return nil, nil
	}
	if argv[0] == "secret" {
		if len(argv) < 2 || argv[1] != "generic" {
			return nil, usagef("podsim creates generic secrets: create secret generic NAME")
		}
		argv = argv[1:]
	} else if argv[0] != "configmap" && argv[0] != "cm" {
		return nil, usagef("podsim creates %q from a file only: create -f FILE", argv[0])
	}
	if len(argv) != 2 {
		return nil, usagef("exactly one NAME is required, got %d", len(argv)-1)
	}
	data, err := literalData(c)
	if err != nil {
		return nil, err
	}
	meta := metav1.ObjectMeta{Name: argv[1], Namespace: c.String("namespace")}
	if argv[0] == "generic" {
		return &v1.Secret{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: meta, Data: data, Type: v1.SecretType(c.String("type")),
		}, nil
	}
	cm := &v1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta}
	for key, value := range data {
		if utf8.Valid(value) {
			if cm.Data == nil {
				cm.Data = map[string]string{}
			}
			cm.Data[key] = string(value)
		} else {
			if cm.BinaryData == nil {
				cm.BinaryData = map[string][]byte{}
			}
			cm.BinaryData[key] = value
		}
	}
	return cm, nil
}

// literalSet gathers keys and refuses a second value for one.
type literalSet map[string][]byte

func (s literalSet) add(key string, value []byte) error {
	if _, taken := s[key]; taken {
		return usagef("cannot add key %q, another key by that name already exists", key)
	}
	s[key] = value
	return nil
}

func literalData(c *cli.Context) (map[string][]byte, error) {
	set := literalSet{}
	for _, pair := range c.StringSlice("from-literal") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, usagef("invalid literal source %s, expected key=value", pair)
		}
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		if err := set.add(key, []byte(value)); err != nil {
			return nil, err
		}
	}
	for _, source := range c.StringSlice("from-file") {
		if err := set.addFile(source); err != nil {
			return nil, err
		}
	}
	for _, file := range c.StringSlice("from-env-file") {
		if err := set.addEnvFile(file); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// addFile reads [KEY=]FILE, or every file of a directory.
func (s literalSet) addFile(source string) error {
	key, path, named := strings.Cut(source, "=")
	if !named {
		key, path = filepath.Base(source), source
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("error reading %s: %w", path, err)
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return s.add(key, data)
	}
	if named {
		return usagef("cannot give a key name for a directory path")
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		if err := s.addFile(filepath.Join(path, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// addEnvFile reads lines KEY=VALUE; a key alone takes its value from the environment.
func (s literalSet) addEnvFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimLeft(lines.Text(), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			value = os.Getenv(key)
		}
		if err := s.add(key, []byte(value)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// createLiteral makes the object of `create configmap` or `create secret generic`.
func (a *app) createLiteral(c *cli.Context, obj simulator.Object) error {
	dry, err := dryRun(c)
	if err != nil {
		return err
	}
	printer, err := objectPrinter(c.String("output"), c.String("template"))
	if err != nil {
		return err
	}
	did := "created"
	if !dry || c.String("dry-run") == "server" {
		s, err := a.open(c)
		if err != nil {
			return err
		}
		defer s.close()
		if obj, err = s.Create(c.Context, obj, simulator.CreateOptions{DryRun: dry, SaveConfig: c.Bool("save-config")}); err != nil {
			return err
		}
	}
	if dry {
		did += " (dry run)"
	}
	if printer != nil {
		return printer.Object(a.stdout, obj)
	}
	fmt.Fprintln(a.stdout, titleOf(manifest{object: obj}), did)
	return nil
}

package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/simulator"
)

// literalFlags make an object of `create configmap` and `create secret`.
func literalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "from-literal", Usage: "configmap and secret: `KEY=VALUE`"},
		&cli.StringSliceFlag{Name: "from-file", Usage: "configmap and secret: `[KEY=]FILE`, or a directory"},
		&cli.StringSliceFlag{Name: "from-env-file", Usage: "configmap and secret: `FILE` with lines KEY=VALUE"},
		&cli.StringFlag{Name: "type", Usage: "`TYPE` of the secret"},
		&cli.BoolFlag{Name: "append-hash", Usage: "configmap and secret: append a hash of the content to the name"},
		&cli.StringFlag{Name: "docker-server", Value: "https://index.docker.io/v1/", Usage: "secret docker-registry: `URL` of the registry"},
		&cli.StringFlag{Name: "docker-username", Usage: "secret docker-registry: `NAME` of the user"},
		&cli.StringFlag{Name: "docker-password", Usage: "secret docker-registry: `PASSWORD` of the user"},
		&cli.StringFlag{Name: "docker-email", Usage: "secret docker-registry: `ADDRESS` of the user"},
		&cli.StringFlag{Name: "cert", Usage: "secret tls: `FILE` with the certificate"},
		&cli.StringFlag{Name: "key", Usage: "secret tls: `FILE` with its key"},
	}
}

// madeObject is what a `create TYPE NAME` makes.
type madeObject struct {
	simulator.Object
	// failed begins what kubectl says when the server refuses it.
	failed string
}

// literalObject is what `create TYPE NAME` makes, nil when the arguments say nothing of the kind.
func (a *app) literalObject(c *cli.Context) (*madeObject, error) {
	argv := a.line.Args
	if len(argv) == 0 {
		return nil, nil
	}
	meta := func(names []string) (m metav1.ObjectMeta, err error) {
		if len(names) != 1 {
			return m, usagef("exactly one NAME is required, got %d", len(names))
		}
		return metav1.ObjectMeta{Name: names[0], Namespace: c.String("namespace")}, nil
	}
	switch argv[0] {
	case "configmap", "cm":
		m, err := meta(argv[1:])
		if err != nil {
			return nil, err
		}
		cm, err := literalConfigMap(c, m)
		return &madeObject{cm, "failed to create configmap: "}, err
	case "secret":
		if len(argv) < 2 || secretForms[argv[1]] == nil {
			return nil, usagef("unknown command %q: the kinds are generic, docker-registry and tls", strings.Join(argv[1:], " "))
		}
		m, err := meta(argv[2:])
		if err != nil {
			return nil, err
		}
		failed := "failed to create secret: "
		if argv[1] == "docker-registry" {
			failed = "failed to create secret "
		}
		secret, err := literalSecret(c, m, secretForms[argv[1]])
		return &madeObject{secret, failed}, err
	}
	return nil, usagef("podsim creates %q from a file only: create -f FILE", argv[0])
}

func literalConfigMap(c *cli.Context, meta metav1.ObjectMeta) (*v1.ConfigMap, error) {
	data, err := literalData(c, configMapKeys(meta.Name))
	if err != nil {
		return nil, err
	}
	cm := &v1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: meta,
		Data: map[string]string{}, BinaryData: map[string][]byte{},
	}
	for key, value := range data {
		if utf8.Valid(value) {
			cm.Data[key] = string(value)
		} else {
			cm.BinaryData[key] = value
		}
	}
	if !c.Bool("append-hash") {
		return cm, nil
	}
	hashed := map[string]any{"kind": "ConfigMap", "name": cm.Name, "data": cm.Data}
	if len(cm.BinaryData) > 0 {
		hashed["binaryData"] = cm.BinaryData
	}
	cm.Name, err = hashedName(cm.Name, hashed)
	return cm, err
}

// createLiteral makes the object of `create configmap` or `create secret`.
func (a *app) createLiteral(c *cli.Context, made *madeObject) error {
	dry, err := dryRun(c)
	if err != nil {
		return err
	}
	printer, err := objectPrinter(c.String("output"), c.String("template"))
	if err != nil {
		return err
	}
	obj := made.Object
	if !dry || c.String("dry-run") == "server" {
		s, err := a.open(c)
		if err != nil {
			return err
		}
		defer s.close()
		if obj, err = s.Create(c.Context, obj, simulator.CreateOptions{DryRun: dry, SaveConfig: c.Bool("save-config")}); err != nil {
			return fmt.Errorf("%s%v", made.failed, err)
		}
	}
	if printer != nil {
		return printer.Object(a.stdout, obj)
	}
	fmt.Fprintln(a.stdout, titleOf(obj), "created"+dryRunNote(c))
	return nil
}

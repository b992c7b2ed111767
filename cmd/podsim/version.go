package main

import (
	"encoding/json"
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
	"sigs.k8s.io/yaml"
)

// kubernetesVersion is the release whose kubelet podsim behaves like.
const kubernetesVersion = "v1.35"

// versionInfo is what `version -o json` prints.
type versionInfo struct {
	ClientVersion struct {
		GitVersion string `json:"gitVersion"`
		GitCommit  string `json:"gitCommit,omitempty"`
		GoVersion  string `json:"goVersion"`
		Platform   string `json:"platform"`
	} `json:"clientVersion"`
	KubernetesVersion string         `json:"kubernetesVersion"`
	Engine            *engineVersion `json:"engine,omitempty"`
}

type engineVersion struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	APIVersion string `json:"apiVersion"`
	Endpoint   string `json:"endpoint"`
}

func (a *app) versionVerb() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Flags: []cli.Flag{
			outputFlag("`FORMAT`: json or yaml"),
			&cli.BoolFlag{Name: "client", Usage: "of podsim alone (the default)"},
			&cli.BoolFlag{Name: "engine", Usage: "ask the engine for its own too"},
		},
		Action: func(c *cli.Context) error {
			info := buildVersion()
			if c.Bool("engine") && !c.Bool("client") {
				var err error
				if info.Engine, err = a.engineVersion(c); err != nil {
					return err
				}
			}
			return a.printVersion(info, c.String("output"))
		},
	}
}

func buildVersion() versionInfo {
	var info versionInfo
	info.KubernetesVersion = kubernetesVersion
	v := &info.ClientVersion
	v.GitVersion, v.GoVersion, v.Platform = "(devel)", goruntime.Version(), goruntime.GOOS+"/"+goruntime.GOARCH
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	if build.Main.Version != "" {
		v.GitVersion = build.Main.Version
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			v.GitCommit = setting.Value
		}
	}
	return info
}

func (a *app) printVersion(info versionInfo, output string) error {
	switch output {
	case "":
		fmt.Fprintf(a.stdout, "Client Version: %s\nKubernetes Version: %s\n", info.ClientVersion.GitVersion, info.KubernetesVersion)
		if e := info.Engine; e != nil {
			fmt.Fprintf(a.stdout, "Engine Version: %s %s (API %s) at %s\n", e.Name, e.Version, e.APIVersion, e.Endpoint)
		}
		return nil
	case "json":
		data, err := json.MarshalIndent(info, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, string(data))
		return nil
	case "yaml":
		data, err := yaml.Marshal(info)
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(data)
		return err
	}
	return usagef(`--output must be 'yaml' or 'json'`)
}

// pluginMetadata is what docker asks of its plugins.
func pluginMetadata() string {
	data, err := json.Marshal(map[string]string{
		"SchemaVersion": "0.1.0", "Vendor": "podsim", "Version": buildVersion().ClientVersion.GitVersion,
		"ShortDescription": "Run Kubernetes pods",
	})
	if err != nil {
		return "{}"
	}
	return string(data)
}

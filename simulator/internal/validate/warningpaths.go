package validate

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// payload is a file of a volume, and the source that writes it.
type payload struct {
	path, source string
}

func (p payload) String() string {
	if p.source == "" {
		return fmt.Sprintf("%q", p.path)
	}
	return fmt.Sprintf("%q (%s)", p.path, p.source)
}

// overlappingPaths warns of files of one volume of which one is the other, or a directory above it.
func overlappingPaths(volumes []v1.Volume) []Warning {
	var list []Warning
	warn := func(volume, kind string, files []payload) {
		for _, text := range overlaps(files) {
			list = append(list, Warning{Message: fmt.Sprintf("volume %q (%s): overlapping paths: %s", volume, kind, text)})
		}
	}
	for _, v := range volumes {
		if v.ConfigMap != nil {
			warn(v.Name, fmt.Sprintf("ConfigMap %q", v.ConfigMap.Name), itemPayloads(v.ConfigMap.Items, ""))
		}
		if v.Secret != nil {
			warn(v.Name, fmt.Sprintf("Secret %q", v.Secret.SecretName), itemPayloads(v.Secret.Items, ""))
		}
		if v.DownwardAPI != nil {
			warn(v.Name, "DownwardAPI", downwardPayloads(v.DownwardAPI.Items, ""))
		}
		if v.Projected == nil {
			continue
		}
		var files []payload
		for _, source := range v.Projected.Sources {
			if source == (v1.VolumeProjection{}) {
				list = append(list, Warning{Message: fmt.Sprintf("volume %q (Projected) has no sources provided", v.Name)})
			}
			files = append(files, sourcePayloads(source)...)
		}
		warn(v.Name, "Projected", files)
	}
	return list
}

func sourcePayloads(s v1.VolumeProjection) []payload {
	switch {
	case s.ConfigMap != nil && s.ConfigMap.Items != nil:
		return itemPayloads(s.ConfigMap.Items, fmt.Sprintf("ConfigMap %q", s.ConfigMap.Name))
	case s.Secret != nil && s.Secret.Items != nil:
		return itemPayloads(s.Secret.Items, fmt.Sprintf("Secret %q", s.Secret.Name))
	case s.DownwardAPI != nil && s.DownwardAPI.Items != nil:
		return downwardPayloads(s.DownwardAPI.Items, "DownwardAPI")
	case s.ServiceAccountToken != nil:
		return []payload{{s.ServiceAccountToken.Path, "ServiceAccountToken"}}
	}
	return nil
}

func itemPayloads(items []v1.KeyToPath, source string) []payload {
	files := make([]payload, len(items))
	for i, item := range items {
		files[i] = payload{item.Path, source}
	}
	return files
}

func downwardPayloads(items []v1.DownwardAPIVolumeFile, source string) []payload {
	files := make([]payload, len(items))
	for i, item := range items {
		files[i] = payload{item.Path, source}
	}
	return files
}

// overlaps compares each file with those before it.
func overlaps(files []payload) []string {
	var texts []string
	var before []payload
	for _, file := range files {
		file.path = strings.TrimRight(file.path, "/")
		for _, other := range before {
			if file.path != "" && other.path != "" && within(file.path, other.path) {
				texts = append(texts, file.String()+" with "+other.String())
			}
		}
		before = append(before, file)
	}
	return texts
}

// within tells whether one path is the other or lies below it, either way.
func within(a, b string) bool {
	return strings.HasPrefix(a+"/", b+"/") || strings.HasPrefix(b+"/", a+"/")
}

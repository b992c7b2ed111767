package config

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// downwardFiles are the files of a downwardAPI source.
func downwardFiles(in Input, items []v1.DownwardAPIVolumeFile, mode uint32) (projection, error) {
	files := projection{}
	var problems []string
	for _, item := range items {
		f := projected{mode: itemMode(item.Mode, mode)}
		switch {
		case item.FieldRef != nil:
			value, ok := metadataField(in, item.FieldRef.FieldPath)
			if !ok {
				problems = append(problems, "unsupported fieldPath: "+item.FieldRef.FieldPath)
				continue
			}
			f.data = []byte(value)
		case item.ResourceFieldRef != nil:
			value, err := resourceValue(in, nil, item.ResourceFieldRef)
			if err != nil {
				problems = append(problems, err.Error())
				continue
			}
			f.data = []byte(value)
		}
		files[item.Path] = f
	}
	return files, aggregate(problems)
}

// projectedFiles are the files of all sources; of two with one path the later
// stays. (pkg/volume/projected, collectData)
func projectedFiles(in Input, src *v1.ProjectedVolumeSource) (projection, error) {
	files := projection{}
	var problems []string
	for i := range src.Sources {
		more, err := sourceFiles(in, &src.Sources[i], modeOf(src.DefaultMode))
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		maps.Copy(files, more)
	}
	return files, aggregate(problems)
}

func sourceFiles(in Input, src *v1.VolumeProjection, mode uint32) (projection, error) {
	switch {
	case src.ConfigMap != nil:
		return configMapFiles(in, src.ConfigMap.Name, src.ConfigMap.Items, mode, isTrue(src.ConfigMap.Optional))
	case src.Secret != nil:
		return secretFiles(in, src.Secret.Name, src.Secret.Items, mode, isTrue(src.Secret.Optional))
	case src.DownwardAPI != nil:
		return downwardFiles(in, src.DownwardAPI.Items, mode)
	case src.ServiceAccountToken != nil:
		return tokenFile(in, src.ServiceAccountToken, mode)
	case src.ClusterTrustBundle != nil && isTrue(src.ClusterTrustBundle.Optional):
		return projection{src.ClusterTrustBundle.Path: {mode: mode}}, nil
	case src.ClusterTrustBundle != nil:
		return nil, errors.New("clusterTrustBundle is not supported: only a cluster has trust bundles")
	case src.PodCertificate != nil:
		return nil, errors.New("podCertificate is not supported: only a cluster signs certificates")
	}
	return nil, nil
}

// tokenFile is a service account token. It belongs to the user that all
// containers run as, and then nobody else may read it.
func tokenFile(in Input, src *v1.ServiceAccountTokenProjection, mode uint32) (projection, error) {
	t, err := newToken(in, src)
	if err != nil {
		return nil, fmt.Errorf("make service account token: %w", err)
	}
	f := projected{data: []byte(t.text), mode: mode, refresh: t.refresh}
	user := commonUser(in.Pod)
	if user != nil {
		f.uid = int(*user)
	}
	if user != nil || fsGroup(in.Pod) != nil {
		f.mode = 0o600
	}
	return projection{src.Path: f}, nil
}

// aggregate joins problems as the kubelet prints several errors.
func aggregate(problems []string) error {
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return errors.New(problems[0])
	}
	return errors.New("[" + strings.Join(problems, ", ") + "]")
}

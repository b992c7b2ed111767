package validate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxDriverName is the longest name of a CSI driver.
const maxDriverName = 63

// remoteSources checks the volumes of storage systems. podsim refuses all of them; what is checked is what has to be there.
func (c *podCheck) remoteSources(v *v1.Volume) []sourceKind {
	return slices.Concat(c.fileSources(v), c.diskSources(v), c.driverSources(v))
}

// needs reports those that are empty; names and values take turns.
func (f *findings) needs(at *field.Path, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		f.need(at.Child(pairs[i]), pairs[i+1])
	}
}

func (c *podCheck) fileSources(v *v1.Volume) []sourceKind {
	return []sourceKind{
		{v.NFS != nil, "nfs", func(at *field.Path) { c.nfs(at, v.NFS) }},
		{v.Glusterfs != nil, "glusterfs", func(at *field.Path) {
			c.needs(at, "endpoints", v.Glusterfs.EndpointsName, "path", v.Glusterfs.Path)
		}},
		{v.CephFS != nil, "cephfs", func(at *field.Path) { c.monitors(at, v.CephFS.Monitors) }},
		{v.AzureFile != nil, "azureFile", func(at *field.Path) {
			c.needs(at, "secretName", v.AzureFile.SecretName, "shareName", v.AzureFile.ShareName)
		}},
		{v.Quobyte != nil, "quobyte", func(at *field.Path) { c.needs(at, "volume", v.Quobyte.Volume) }},
		{v.GitRepo != nil, "gitRepo", func(at *field.Path) {
			c.needs(at, "repository", v.GitRepo.Repository)
			c.descendingPath(at.Child("directory"), v.GitRepo.Directory)
		}},
	}
}

func (c *podCheck) diskSources(v *v1.Volume) []sourceKind {
	return []sourceKind{
		{v.GCEPersistentDisk != nil, "gcePersistentDisk", func(at *field.Path) { c.needs(at, "pdName", v.GCEPersistentDisk.PDName) }},
		{v.AWSElasticBlockStore != nil, "awsElasticBlockStore", func(at *field.Path) {
			c.needs(at, "volumeID", v.AWSElasticBlockStore.VolumeID)
		}},
		{v.ISCSI != nil, "iscsi", func(at *field.Path) { c.iscsi(at, v.ISCSI) }},
		{v.Flocker != nil, "flocker", func(at *field.Path) { c.flocker(at, v.Flocker) }},
		{v.RBD != nil, "rbd", func(at *field.Path) {
			c.monitors(at, v.RBD.CephMonitors)
			c.needs(at, "image", v.RBD.RBDImage)
		}},
		{v.Cinder != nil, "cinder", func(at *field.Path) { c.needs(at, "volumeID", v.Cinder.VolumeID) }},
		{v.FC != nil, "fc", func(at *field.Path) { c.fibreChannel(at, v.FC) }},
		{v.VsphereVolume != nil, "vsphereVolume", func(at *field.Path) { c.needs(at, "volumePath", v.VsphereVolume.VolumePath) }},
		{v.PhotonPersistentDisk != nil, "photonPersistentDisk", func(at *field.Path) { c.needs(at, "pdID", v.PhotonPersistentDisk.PdID) }},
		{v.PortworxVolume != nil, "portworxVolume", func(at *field.Path) { c.needs(at, "volumeID", v.PortworxVolume.VolumeID) }},
		{v.AzureDisk != nil, "azureDisk", func(at *field.Path) {
			c.needs(at, "diskName", v.AzureDisk.DiskName, "diskURI", v.AzureDisk.DataDiskURI)
		}},
		{v.StorageOS != nil, "storageos", func(at *field.Path) { c.needs(at, "volumeName", v.StorageOS.VolumeName) }},
		{v.ScaleIO != nil, "scaleIO", func(at *field.Path) {
			c.needs(at, "gateway", v.ScaleIO.Gateway, "system", v.ScaleIO.System, "volumeName", v.ScaleIO.VolumeName)
		}},
	}
}

func (c *podCheck) driverSources(v *v1.Volume) []sourceKind {
	return []sourceKind{
		{v.FlexVolume != nil, "flexVolume", func(at *field.Path) { c.needs(at, "driver", v.FlexVolume.Driver) }},
		{v.CSI != nil, "csi", func(at *field.Path) { c.csi(at, v.CSI) }},
	}
}

func (f *findings) monitors(at *field.Path, monitors []string) {
	if len(monitors) == 0 {
		f.required(at.Child("monitors"), "")
	}
}

func (f *findings) nfs(at *field.Path, s *v1.NFSVolumeSource) {
	f.need(at.Child("server"), s.Server)
	f.need(at.Child("path"), s.Path)
	if !path.IsAbs(s.Path) {
		f.invalid(at.Child("path"), s.Path, "must be an absolute path")
	}
}

// iscsiName matches the three ways to name an iSCSI node.
var iscsiName = map[string]*regexp.Regexp{
	"iqn": regexp.MustCompile(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`),
	"eui": regexp.MustCompile(`^eui.[[:alnum:]]{16}$`),
	"naa": regexp.MustCompile(`^naa.[[:alnum:]]{32}$`),
}

func (c *podCheck) iscsi(at *field.Path, s *v1.ISCSIVolumeSource) {
	c.need(at.Child("targetPortal"), s.TargetPortal)
	switch {
	case s.IQN == "":
		c.required(at.Child("iqn"), "")
	case len(s.IQN) < 3 || iscsiName[s.IQN[:3]] == nil:
		c.invalid(at.Child("iqn"), s.IQN, "must be valid format starting with iqn, eui, or naa")
	case !iscsiName[s.IQN[:3]].MatchString(s.IQN):
		c.invalid(at.Child("iqn"), s.IQN, "must be valid format")
	}
	if s.Lun < 0 || s.Lun > 255 {
		c.invalid(at.Child("lun"), s.Lun, validation.InclusiveRangeError(0, 255))
	}
	if (s.DiscoveryCHAPAuth || s.SessionCHAPAuth) && s.SecretRef == nil {
		c.required(at.Child("secretRef"), "")
	}
}

func (c *podCheck) flocker(at *field.Path, s *v1.FlockerVolumeSource) {
	if s.DatasetName == "" && s.DatasetUUID == "" {
		c.required(at, "one of datasetName and datasetUUID is required")
	}
	if s.DatasetName != "" && s.DatasetUUID != "" {
		c.invalid(at, "resource", "datasetName and datasetUUID can not be specified simultaneously")
	}
	if strings.Contains(s.DatasetName, "/") {
		c.invalid(at.Child("datasetName"), s.DatasetName, "must not contain '/'")
	}
}

func (c *podCheck) fibreChannel(at *field.Path, s *v1.FCVolumeSource) {
	names := at.Child("targetWWNs")
	if len(s.TargetWWNs) == 0 && len(s.WWIDs) == 0 {
		c.required(names, "must specify either targetWWNs or wwids, but not both")
	}
	if len(s.TargetWWNs) > 0 && len(s.WWIDs) > 0 {
		c.invalid(names, s.TargetWWNs, "targetWWNs and wwids can not be specified simultaneously")
	}
	if len(s.TargetWWNs) > 0 {
		if s.Lun == nil {
			c.required(at.Child("lun"), "lun is required if targetWWNs is specified")
		} else if *s.Lun < 0 || *s.Lun > 255 {
			c.invalid(at.Child("lun"), *s.Lun, validation.InclusiveRangeError(0, 255))
		}
	}
}

func (c *podCheck) csi(at *field.Path, s *v1.CSIVolumeSource) {
	driver := at.Child("driver")
	if s.Driver == "" {
		c.required(driver, "")
	} else {
		if len(s.Driver) > maxDriverName {
			c.tooLong(driver, maxDriverName)
		}
		c.all(driver, s.Driver, validation.IsDNS1123Subdomain(strings.ToLower(s.Driver)))
	}
	if ref := s.NodePublishSecretRef; ref != nil {
		if ref.Name == "" {
			c.required(at.Child("nodePublishSecretRef", "name"), "")
		} else {
			c.subdomain(at.Child("name"), ref.Name)
		}
	}
}

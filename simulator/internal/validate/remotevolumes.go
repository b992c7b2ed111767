package validate

import (
	"path"
	"regexp"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxDriverName is the longest name of a CSI driver.
const maxDriverName = 63

// remoteSources checks the volumes of storage systems. podsim refuses all of them; what is checked is what has to be there.
func (c *podCheck) remoteSources(v *v1.Volume) []sourceKind {
	needs := func(pairs ...string) func(at *field.Path) {
		return func(at *field.Path) {
			for i := 0; i+1 < len(pairs); i += 2 {
				c.need(at.Child(pairs[i]), pairs[i+1])
			}
		}
	}
	var kinds []sourceKind
	add := func(name string, check func(at *field.Path)) {
		kinds = append(kinds, sourceKind{set: true, name: name, check: check})
	}
	if s := v.GitRepo; s != nil {
		add("gitRepo", func(at *field.Path) {
			c.need(at.Child("repository"), s.Repository)
			c.descendingPath(at.Child("directory"), s.Directory)
		})
	}
	if s := v.GCEPersistentDisk; s != nil {
		add("gcePersistentDisk", needs("pdName", s.PDName))
	}
	if s := v.AWSElasticBlockStore; s != nil {
		add("awsElasticBlockStore", needs("volumeID", s.VolumeID))
	}
	if s := v.NFS; s != nil {
		add("nfs", func(at *field.Path) { c.nfs(at, s) })
	}
	if s := v.ISCSI; s != nil {
		add("iscsi", func(at *field.Path) { c.iscsi(at, s) })
	}
	if s := v.Glusterfs; s != nil {
		add("glusterfs", needs("endpoints", s.EndpointsName, "path", s.Path))
	}
	if s := v.Flocker; s != nil {
		add("flocker", func(at *field.Path) { c.flocker(at, s) })
	}
	if s := v.RBD; s != nil {
		add("rbd", func(at *field.Path) {
			if len(s.CephMonitors) == 0 {
				c.required(at.Child("monitors"), "")
			}
			c.need(at.Child("image"), s.RBDImage)
		})
	}
	if s := v.Cinder; s != nil {
		add("cinder", needs("volumeID", s.VolumeID))
	}
	if s := v.CephFS; s != nil {
		add("cephfs", func(at *field.Path) {
			if len(s.Monitors) == 0 {
				c.required(at.Child("monitors"), "")
			}
		})
	}
	if s := v.Quobyte; s != nil {
		add("quobyte", needs("volume", s.Volume))
	}
	if s := v.FC; s != nil {
		add("fc", func(at *field.Path) { c.fibreChannel(at, s) })
	}
	if s := v.FlexVolume; s != nil {
		add("flexVolume", needs("driver", s.Driver))
	}
	if s := v.AzureFile; s != nil {
		add("azureFile", needs("secretName", s.SecretName, "shareName", s.ShareName))
	}
	if s := v.VsphereVolume; s != nil {
		add("vsphereVolume", needs("volumePath", s.VolumePath))
	}
	if s := v.PhotonPersistentDisk; s != nil {
		add("photonPersistentDisk", needs("pdID", s.PdID))
	}
	if s := v.PortworxVolume; s != nil {
		add("portworxVolume", needs("volumeID", s.VolumeID))
	}
	if s := v.AzureDisk; s != nil {
		add("azureDisk", needs("diskName", s.DiskName, "diskURI", s.DataDiskURI))
	}
	if s := v.StorageOS; s != nil {
		add("storageos", needs("volumeName", s.VolumeName))
	}
	if s := v.ScaleIO; s != nil {
		add("scaleIO", needs("gateway", s.Gateway, "system", s.System, "volumeName", s.VolumeName))
	}
	if s := v.CSI; s != nil {
		add("csi", func(at *field.Path) { c.csi(at, s) })
	}
	return kinds
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

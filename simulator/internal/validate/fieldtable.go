package validate

// fieldGroup holds the rows of fields of one struct that share support and note.
type fieldGroup struct {
	of      string
	support Support
	fields  string
	note    string
}

// Notes that several rows share.
const (
	onlyInCluster = "only a cluster acts on it: one machine takes the pod as it is"
	tooNew        = "newer than Kubernetes 1.35, whose API does not have it; leave it out"
	notForDebug   = "Kubernetes takes no such field in a debug container"
	noWindows     = "podsim runs Linux containers; leave it out"
	mountItFirst  = "podsim mounts no storage systems: mount it on the engine's machine and use hostPath, or use persistentVolumeClaim"
	noDisks       = "podsim attaches no disks: use persistentVolumeClaim, or hostPath for data that is there already"
)

// fieldTable has every field of the Pod API once. A test compares it with the API's types. Read-only.
var fieldTable = []fieldGroup{
	{"PodSpec", Honoured, "containers initContainers ephemeralContainers volumes restartPolicy terminationGracePeriodSeconds " +
		"activeDeadlineSeconds hostNetwork hostPID hostIPC shareProcessNamespace securityContext hostname subdomain " +
		"setHostnameAsFQDN hostnameOverride hostAliases dnsConfig readinessGates schedulingGates", ""},
	{"PodSpec", Honoured, "imagePullSecrets", "Secrets of the store, beside the engine's own credentials"},
	{"PodSpec", Honoured, "os", "linux; a pod for windows is refused"},
	{"PodSpec", Approximated, "dnsPolicy", "ClusterFirst uses the engine's resolver: there are no Services to be found"},
	{"PodSpec", Approximated, "automountServiceAccountToken", "the files of the token volume are there, no API server answers to them"},
	{"PodSpec", Approximated, "resources", "a limit of the pod holds for each container that has none of its own; their sum is not watched"},
	{"PodSpec", Approximated, "hostUsers", "false is not kept apart: the pod runs in the engine's user namespace"},
	{"PodSpec", Ignored, "nodeSelector affinity tolerations topologySpreadConstraints nodeName schedulerName " +
		"priorityClassName priority preemptionPolicy serviceAccountName serviceAccount enableServiceLinks", onlyInCluster},
	{"PodSpec", Refused, "runtimeClassName overhead", "podsim has no RuntimeClasses: leave it out, or make the runtime the engine's default"},
	{"PodSpec", Refused, "resourceClaims", "podsim allocates no devices; leave it out"},
	{"PodSpec", Refused, "schedulingGroup evictionResponders", tooNew},

	{"Volume", Honoured, "name", ""},
	{"VolumeSource", Honoured, "emptyDir configMap secret downwardAPI projected persistentVolumeClaim ephemeral image", ""},
	{"VolumeSource", Honoured, "hostPath", "a path of the engine's machine"},
	{"VolumeSource", Refused, "nfs glusterfs cephfs azureFile quobyte", mountItFirst},
	{"VolumeSource", Refused, "gcePersistentDisk awsElasticBlockStore azureDisk vsphereVolume photonPersistentDisk portworxVolume " +
		"cinder rbd iscsi fc scaleIO storageos flocker", noDisks},
	{"VolumeSource", Refused, "csi flexVolume", "podsim has no volume drivers: use persistentVolumeClaim, emptyDir, secret or hostPath instead"},
	{"VolumeSource", Refused, "gitRepo", "podsim clones no repositories: use an init container that runs git, and an emptyDir"},
	{"HostPathVolumeSource", Honoured, "path type", ""},
	{"EmptyDirVolumeSource", Honoured, "medium", "default and Memory; HugePages are refused"},
	{"EmptyDirVolumeSource", Honoured, "sizeLimit", "the size of a tmpfs; otherwise the pod is evicted"},
	{"EmptyDirVolumeSource", Refused, "mode", tooNew},
	{"SecretVolumeSource", Honoured, "secretName items defaultMode optional", ""},
	{"SecretVolumeSource", Refused, "defaultUser", tooNew},
	{"ConfigMapVolumeSource", Honoured, "items defaultMode optional", ""},
	{"ConfigMapVolumeSource", Refused, "defaultUser", tooNew},
	{"DownwardAPIVolumeSource", Honoured, "items defaultMode", ""},
	{"DownwardAPIVolumeSource", Refused, "defaultUser", tooNew},
	{"DownwardAPIVolumeFile", Honoured, "path fieldRef resourceFieldRef mode", ""},
	{"DownwardAPIVolumeFile", Refused, "user", tooNew},
	{"KeyToPath", Honoured, "key path mode", ""},
	{"KeyToPath", Refused, "user", tooNew},
	{"LocalObjectReference", Honoured, "name", ""},
	{"ObjectFieldSelector", Honoured, "apiVersion fieldPath", ""},
	{"ResourceFieldSelector", Honoured, "containerName resource divisor", ""},
	{"ProjectedVolumeSource", Honoured, "sources defaultMode", ""},
	{"ProjectedVolumeSource", Refused, "defaultUser", tooNew},
	{"VolumeProjection", Honoured, "secret configMap downwardAPI serviceAccountToken", ""},
	{"VolumeProjection", Refused, "clusterTrustBundle podCertificate", "podsim has no certificate authority: put the certificates into a Secret"},
	{"SecretProjection", Honoured, "items optional", ""},
	{"ConfigMapProjection", Honoured, "items optional", ""},
	{"DownwardAPIProjection", Honoured, "items", ""},
	{"ServiceAccountTokenProjection", Honoured, "path", ""},
	{"ServiceAccountTokenProjection", Approximated, "audience expirationSeconds", "the token is made up: no API server knows it"},
	{"ServiceAccountTokenProjection", Refused, "user", tooNew},
	{"PersistentVolumeClaimVolumeSource", Honoured, "claimName readOnly", ""},
	{"EphemeralVolumeSource", Honoured, "volumeClaimTemplate", ""},
	{"PersistentVolumeClaimTemplate", Honoured, "metadata spec", ""},
	{"PersistentVolumeClaimSpec", Honoured, "volumeMode", "Filesystem; Block is refused"},
	{"PersistentVolumeClaimSpec", Ignored, "accessModes resources selector storageClassName volumeName volumeAttributesClassName",
		"a claim is a volume of the engine, as large as its disk"},
	{"PersistentVolumeClaimSpec", Refused, "dataSource dataSourceRef", "podsim copies no volumes: fill it with an init container"},
	{"ImageVolumeSource", Honoured, "reference pullPolicy", ""},

	{"Container", Honoured, "name image command args workingDir ports env envFrom resources restartPolicy restartPolicyRules " +
		"volumeMounts livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy " +
		"imagePullPolicy securityContext stdin stdinOnce tty", ""},
	{"Container", Honoured, "resizePolicy", "cpu and memory are changed in place, with or without a restart"},
	{"Container", Refused, "volumeDevices", "podsim has no block volumes: use volumeMounts"},
	{"EphemeralContainer", Honoured, "targetContainerName", ""},
	{"EphemeralContainerCommon", Honoured, "name image command args workingDir env envFrom volumeMounts terminationMessagePath " +
		"terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty", ""},
	{"EphemeralContainerCommon", Refused, "ports resources resizePolicy restartPolicy restartPolicyRules livenessProbe readinessProbe " +
		"startupProbe lifecycle", notForDebug},
	{"EphemeralContainerCommon", Refused, "volumeDevices", "podsim has no block volumes: use volumeMounts"},
	{"ContainerPort", Honoured, "name containerPort hostPort protocol hostIP", ""},
	{"EnvFromSource", Honoured, "prefix configMapRef secretRef", ""},
	{"ConfigMapEnvSource", Honoured, "optional", ""},
	{"SecretEnvSource", Honoured, "optional", ""},
	{"EnvVar", Honoured, "name value valueFrom", ""},
	{"EnvVarSource", Honoured, "fieldRef resourceFieldRef configMapKeyRef secretKeyRef fileKeyRef", ""},
	{"ConfigMapKeySelector", Honoured, "key optional", ""},
	{"SecretKeySelector", Honoured, "key optional", ""},
	{"FileKeySelector", Honoured, "volumeName path key optional", ""},
	{"ResourceRequirements", Honoured, "limits", "cpu, memory, ephemeral-storage and nvidia.com/gpu; others have no effect"},
	{"ResourceRequirements", Honoured, "requests", "as CPU weight, OOM score and quality of service; nothing is reserved, but what asks for more than the machine has stays Pending"},
	{"ResourceRequirements", Refused, "claims", "podsim allocates no devices; leave it out"},
	{"ContainerResizePolicy", Honoured, "resourceName restartPolicy", ""},
	{"ContainerRestartRule", Honoured, "action exitCodes", ""},
	{"ContainerRestartRuleOnExitCodes", Honoured, "operator values", ""},
	{"VolumeMount", Honoured, "name mountPath readOnly subPath subPathExpr", ""},
	{"VolumeMount", Honoured, "mountPropagation", "a hostPath has to lie on a shared mount of the engine's machine"},
	{"VolumeMount", Honoured, "recursiveReadOnly", "from Docker 25 (API 1.44) on; before, Enabled fails as on a node whose runtime cannot"},
	{"VolumeMount", Refused, "bindMountOptions", tooNew},
	{"Probe", Honoured, "initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds", ""},
	{"ProbeHandler", Honoured, "exec httpGet tcpSocket grpc", ""},
	{"Lifecycle", Honoured, "postStart preStop", ""},
	{"Lifecycle", Ignored, "stopSignal", "off by default in Kubernetes 1.35 (feature gate ContainerStopSignals); STOPSIGNAL of the image counts"},
	{"LifecycleHandler", Honoured, "exec httpGet sleep", ""},
	{"LifecycleHandler", Ignored, "tcpSocket", "Kubernetes does nothing with it either"},
	{"ExecAction", Honoured, "command", ""},
	{"HTTPGetAction", Honoured, "path port host scheme httpHeaders", ""},
	{"HTTPGetAction", Refused, "protocol", tooNew},
	{"HTTPHeader", Honoured, "name value", ""},
	{"TCPSocketAction", Honoured, "port host", ""},
	{"GRPCAction", Honoured, "port service", ""},
	{"GRPCAction", Refused, "mode", tooNew},
	{"SleepAction", Honoured, "seconds", ""},

	{"SecurityContext", Honoured, "capabilities privileged runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem " +
		"allowPrivilegeEscalation procMount seccompProfile appArmorProfile", ""},
	{"SecurityContext", Honoured, "seLinuxOptions", "where the engine's machine has SELinux"},
	{"SecurityContext", Refused, "windowsOptions", noWindows},
	{"Capabilities", Honoured, "add drop", ""},
	{"SELinuxOptions", Honoured, "user role type level", ""},
	{"SeccompProfile", Honoured, "type", ""},
	{"SeccompProfile", Refused, "localhostProfile", "podsim has no node's directory of profiles: use RuntimeDefault or Unconfined"},
	{"AppArmorProfile", Honoured, "type localhostProfile", "where the engine's machine has AppArmor; elsewhere the pod fails, as on a node without it"},
	{"PodSecurityContext", Honoured, "runAsUser runAsGroup runAsNonRoot supplementalGroups fsGroup sysctls seccompProfile appArmorProfile", ""},
	{"PodSecurityContext", Honoured, "seLinuxOptions", "where the engine's machine has SELinux"},
	{"PodSecurityContext", Approximated, "supplementalGroupsPolicy", "Strict holds where the engine knows the gid: without runAsGroup the image's own groups may be added"},
	{"PodSecurityContext", Ignored, "fsGroupChangePolicy seLinuxChangePolicy", "volumes are always prepared anew"},
	{"PodSecurityContext", Refused, "windowsOptions", noWindows},
	{"Sysctl", Honoured, "name value", "the kubelet's safe ones; others end the pod with SysctlForbidden"},
	{"HostAlias", Honoured, "ip hostnames", ""},
	{"PodDNSConfig", Honoured, "nameservers searches options", ""},
	{"PodDNSConfigOption", Honoured, "name value", ""},
	{"PodReadinessGate", Honoured, "conditionType", ""},
	{"PodSchedulingGate", Honoured, "name", ""},
	{"PodOS", Honoured, "name", ""},
}

package diagnose

// Cause is the kind of a finding; a program may compare it.
type Cause string

// The causes. Their order is that in which findings are told: what keeps the
// pod from starting at all comes before what goes wrong in a container, and a
// proven cause before a symptom.
const (
	CauseUnowned      Cause = "NoNode"
	CausePaused       Cause = "Paused"
	CauseTerminating  Cause = "Terminating"
	CauseUnscheduled  Cause = "Unschedulable"
	CauseSandbox      Cause = "SandboxFailed"
	CauseMount        Cause = "VolumeNotMounted"
	CauseConfig       Cause = "ConfigMissing"
	CauseNonRoot      Cause = "RunAsNonRoot"
	CauseImage        Cause = "ImageNotPulled"
	CausePulling      Cause = "ImagePulling"
	CauseStart        Cause = "CannotStart"
	CauseOOM          Cause = "OutOfMemory"
	CausePortConflict Cause = "PortConflict"
	CausePermission   Cause = "PermissionDenied"
	CauseReadOnly     Cause = "ReadOnly"
	CauseDiskFull     Cause = "DiskFull"
	CauseIsDirectory  Cause = "IsDirectory"
	CauseNoName       Cause = "UnknownName"
	CauseInitFailed   Cause = "InitFailed"
	CauseInitWaits    Cause = "InitWaits"
	CauseLoopback     Cause = "LoopbackOnly"
	CauseWrongPort    Cause = "WrongPort"
	CauseNobody       Cause = "NobodyListens"
	CauseLiveness     Cause = "KilledByProbe"
	CauseProbe        Cause = "ProbeFails"
	CauseHook         Cause = "HookFailed"
	CauseRefused      Cause = "PeerRefused"
	CauseCrash        Cause = "Exits"
	CauseKeepsAlive   Cause = "KeepsAlive"
	CausePod          Cause = "PodFailed"
	CauseGate         Cause = "ReadinessGate"
	CauseWaiting      Cause = "Waiting"
	CauseThrottled    Cause = "Throttled"
)

// Finding is one cause, and where it is.
type Finding struct {
	Cause     Cause  `json:"cause"`
	Container string `json:"container,omitempty"`
	// Summary is one line that stands for itself.
	Summary string `json:"summary"`
	// Details are the facts behind it, a line each.
	Details []string `json:"details,omitempty"`
	// Log are the container's last lines.
	Log []string `json:"log,omitempty"`
	// Fix is what to do; may be empty.
	Fix string `json:"fix,omitempty"`
	// Note says that it does not keep the pod from being ready.
	Note bool `json:"note,omitempty"`
}

// Specific tells whether the finding says more than the status does.
func (f Finding) Specific() bool {
	switch f.Cause {
	case CauseCrash, CauseWaiting, CausePod, CauseTerminating, CauseGate:
		return false
	}
	return !f.Note
}

// Line is the finding in one line: the summary and the fix.
func (f Finding) Line() string {
	if f.Fix == "" {
		return f.Summary
	}
	return f.Summary + "; " + f.Fix
}

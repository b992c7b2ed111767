package lifecycle

// restartAll carries out the rule RestartAllContainers: every container is
// ended without its hooks and removed, and the pod begins with its first init
// container again, in the same sandbox. It returns true while that goes on.
func (d *decision) restartAll() bool {
	return false
}

// resizes applies changed resources in place.
func (d *decision) resizes() {}

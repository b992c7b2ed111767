package simulator

import v1 "k8s.io/api/core/v1"

// Choice is the container a command is about.
type Choice struct {
	Name string
	// Notice is kubectl's line for stderr when the choice was its own:
	// `Defaulted container "a" out of: a, b, i (init)`. Else "".
	Notice string
}

// ChooseContainer finds the container that a command means: the named one of
// any type, else the one of the annotation
// kubectl.kubernetes.io/default-container, else the first. quiet leaves the
// notice out.
func ChooseContainer(pod *v1.Pod, name string) (Choice, error) {
	return Choice{}, errTODO
}

package simulator

import "context"

// DeleteOptions of Delete.
type DeleteOptions struct {
	// Grace in seconds; nil is the pod's own. 0 without Force is 1, as kubectl
	// sends it.
	Grace *int64
	// Force takes the object away at once and leaves stopping to the node.
	Force bool
	// Wait returns only once the object is gone and, of a pod, nothing is left
	// on the engine. When nobody owns the pod, this process does the work.
	Wait bool
	// KeepData of a claim keeps its volume; deleting a claim else deletes it.
	KeepData bool
}

// Delete asks for the deletion of an object; NotFound if there is none. A pod
// goes once its owner has stopped it; everything else goes at once. A deletion
// asked for again can only shorten the grace. ctx ends the waiting, not the
// deletion.
func (s *Simulator) Delete(ctx context.Context, ref Ref, o DeleteOptions) error { return errTODO }

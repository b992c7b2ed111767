// Package reference runs the recorded pods of a real kubelet on podsim, from
// outside, and says where the two differ.
//
// testdata/reference/NAME holds what a kubelet (1.35.1 or 1.35.4, on containerd
// 1.6) did with pod.yaml (and aux.yaml, made first) while steps.json was carried
// out. The same is done here, and what is seen is compared file by file, after
// ids, times, addresses and what belongs to the machine or the container runtime
// are normalised:
//
//   - timeline.txt: the states of the phase, of each condition and of each
//     container, in order. A kubelet looks once a second and so hides states
//     and merges the changes of several containers; podsim acts at once. So
//     each of them is compared alone: what was recorded must appear in the
//     same order, what podsim shows besides must be of a kind that the
//     recording knows, and starts and ends that lay seconds apart must keep
//     their order and length.
//   - status.json and final.json: the whole object, against the states that
//     podsim's pod went through.
//   - events.txt: type, reason, source, object, container and message, as a
//     set; counts and times are not compared.
//   - get-w.txt: the STATUS column in order.
//   - log-*, exec-*, kubectl-*, create.txt: line by line, and exit codes.
//
// A difference that is meant is listed with its reason in
// testdata/accepted.yaml. Every other one fails the case.
package reference

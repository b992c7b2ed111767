// Package crash takes podsim's processes, its engine and its disk away at bad
// moments, on a real engine, and asks the next command for the truth: pods go
// on where they stood, nothing runs twice, and a delete leaves nothing.
//
// What happened inside a pod is told by the pod: each instance of a container
// adds a line to a ledger in an emptyDir and holds a lock that a second one
// would find taken.
//
// Engines that are restarted are private ones, with a socket, data and bridge
// of their own; where they cannot be started these tests are skipped.
package crash

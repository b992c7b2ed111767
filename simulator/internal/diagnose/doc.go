// Package diagnose names causes: why a pod is not ready, who holds a port, what
// an init container waits for.
//
// It is pure. The caller gathers facts in two steps, since the second costs
// more than the first and is not always needed:
//
//	Concerned(pod)   names the containers whose last log lines are to be read
//	Ask(facts)       says what else to look at: sockets, files, addresses
//	Find(facts)      gives the findings, the most likely cause first
//
// A rule looks at the facts for one kind of cause. What is not known (no
// listener was seen because nobody could look) is never taken for "there is
// none": such a finding says less, not something else. A text says "may" when
// it is not sure. No finding holds a value of a Secret or of a variable; lines
// of logs are the container's own.
package diagnose

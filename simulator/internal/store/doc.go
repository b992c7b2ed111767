// Package store keeps on disk what was asked for (pods, ConfigMaps, Secrets,
// claims, volumes) and what was last seen of it (pod states, events). It is
// the truth about wishes and history; the engine is the truth about
// containers. It decides nothing and never talks to an engine.
//
// The directory, all of it private to its user (0700, 0600):
//
//	home                                    a random id: whose engine objects are ours
//	lock                                    held for the moment of every change
//	version                                 the resourceVersions given and made last
//	changes/journal                         one line a change: what Watch reads
//	tmp/                                    files on their way, rubbish after a crash
//	owners/UID                              held by the process that owns the pod
//	node.lock, node.log                     the background node
//	namespaces/NS/pods/NAME/pod.json        the wish: metadata, spec, podsim's options
//	namespaces/NS/pods/NAME/state.json      what its owner saw last
//	namespaces/NS/{configmaps,secrets,persistentvolumeclaims}/NAME
//	namespaces/NS/events/UID                the events about one pod
//	cluster/persistentvolumes/NAME
//
// Every change happens under the lock and replaces a whole file by rename, so
// that readers need no lock, see the old content or the new and never a part,
// and a full disk or a crash leaves the old. Wishes are synced to the disk
// before they count; states and events are not, because the engine's labels
// and the next look rebuild them.
//
// Locks are the kernel's (flock): they end with the process that holds them,
// however it died.
package store

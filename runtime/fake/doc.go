// Package fake is a container engine in memory. Containers are goroutines
// that run a Program; time is that of package time, so that inside a synctest
// bubble everything happens in virtual time.
//
// It behaves as Docker does where podsim can tell: names are unique, a
// container in another's network needs that one to run, a process that cannot
// be started leaves a container with StartError, what runs beside a
// container's process is killed with it, a tmpfs volume forgets its content
// with its last user, events come after the change and may be lost.
//
// Faults and latencies are injected through Hooks, and what happens to
// containers is told to Hooks.Moment. The zero Hooks is an engine without any.
// Crash, Start, Prune, Kill and Drop are what may befall an engine from
// outside; they go past all hooks.
package fake

// Package docker is runtime.Engine on the Docker Engine, API 1.41 and newer.
//
// It translates and decides nothing: specs become requests, answers become
// values, errors become the classes of package runtime. Nothing else of podsim
// imports a package of Docker's.
//
// An error is the engine's own text with a class attached; it is not wrapped
// here, for the caller knows which object of the pod was meant.
//
// What Docker calls otherwise:
//
//	Docker                                   runtime.State
//	created, State.Error empty               created
//	created, State.Error set (start failed)  exited, with StartError
//	running, paused, restarting              running (Paused tells)
//	exited                                   exited
//	removing, dead                           removing
//
// Every container is made without restart policy, auto-removal, init process
// and health check, and logs to the json-file driver whatever the daemon's
// default, for podsim does all that itself and must be able to read the logs.
package docker

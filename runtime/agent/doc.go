// Package agent is podsim's hand inside a sandbox: the pause image, which is
// embedded and loaded into the engine when missing, and the client of the
// tunnel that the image's program serves.
//
// Ensure gives the image's reference. New gives a Client for a running
// sandbox; its first call executes the program there once, and all calls of
// all goroutines share that one stream. If the exec dies the next call makes
// another. What the program does before that, as process 1, is described by
// wire.Setup; AwaitReady waits for it.
//
// The package decides nothing about pods. It knows engines only through
// package runtime.
package agent

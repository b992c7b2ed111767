// Package runtime is the container engine as the simulator needs it: value
// types, one interface, and the classes of errors an engine may answer.
//
// It decides nothing and talks to nothing. runtime/docker implements Engine
// for the Docker Engine, runtime/fake in memory; runtime/runtimetest is the
// suite that both must pass.
//
// Names and units: durations are time.Duration, sizes are bytes, CPU is in
// Docker's own units (shares, and quota and period in microseconds). An empty
// or zero field always means "the engine's or the image's own".
package runtime

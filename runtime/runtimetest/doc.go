// Package runtimetest is the suite that every runtime.Engine must pass.
//
// It asks only what package runtime promises, so that an engine in memory and
// one of real processes are held to the same. What a process of the suite does
// is said as a Program; the harness of an engine knows how to have it done.
//
// Each case makes its objects under a home of its own and removes them, so
// that cases may run at once and beside other users of the engine.
package runtimetest

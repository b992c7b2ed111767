// Package scenario holds what users do with podsim, done from outside on a
// real engine: run, interrupt, crash, pull, many at once. After each of them
// the machine must be as it was.
package scenario

// Package bench measures podsim against the bare calls of the engine, in the
// same run on the same machine, and prints the ratios.
package bench

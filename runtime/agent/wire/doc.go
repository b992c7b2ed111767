// Package wire is what podsim and the small program in its pause image say to
// each other: the setup that process 1 applies before any container of the
// pod runs, and a multiplexed tunnel over one byte stream.
//
// Both sides import it, so it keeps to the smallest part of the standard
// library: the program must stay small (see cmd/podsim-agent), which is also
// why the multiplexer is its own: yamux needs package net, and the two of them
// cost more than the rest of the program.
//
// # The tunnel
//
// The agent greets with Greeting, then both sides exchange frames of a nine
// byte header (kind, stream, value, big endian) and a payload:
//
//	open    a new stream; only podsim opens streams
//	data    value bytes of payload, at most 64 KiB, never more than the window
//	window  the reader took value bytes: as many more may be sent
//	finish  the sender writes no more, and still reads
//	close   the sender neither writes nor reads any more
//
// A stream may be 1 MiB ahead of its reader; a stream nobody reads blocks no
// other. Each stream begins with a Request and its Reply, both JSON after a
// length of four bytes; what follows belongs to the operation.
package wire

// Package args puts command lines in order. kubectl takes flags before, between and after arguments, short flags joined
// (-it), values joined to short flags (-ojson), and global flags anywhere; the command library stops at the first
// argument. Order rewrites a command line of the first form into the second, and remembers where "--" stood. It gives
// no flag a meaning.
package args

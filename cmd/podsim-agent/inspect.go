//go:build linux

package main

func inspect() { printJSON(nil) }

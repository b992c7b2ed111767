// Package harness runs podsim from outside, as a user does: the built binary,
// a state directory of its own, a real engine.
//
// A test package calls Main from its TestMain, and New in each test. Without
// an engine the tests are skipped with the reason; PODSIM_E2E=require makes
// that a failure, so that a pipeline cannot pass by testing nothing.
//
// A Home is one state directory. What it leaves behind on the engine is found
// by label, and only what is its own is ever removed.
package harness

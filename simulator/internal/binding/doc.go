// Package binding decides which PersistentVolume a claim gets, as the
// controller of a cluster does, and writes into both that they belong together.
//
//	Match(claim, volumes) -> the volume, or none
//	Bind(claim, volume)
//
// A claim that none fits is bound when its first pod starts, to a volume that
// podsim makes: as with a storage class that waits for the first consumer.
//
// It is pure and knows neither store nor engine.
// (pkg/controller/volume/persistentvolume)
package binding

// Package images makes the images that tests run, from files of the machine
// and of this repository alone: no registry, no Dockerfile, no build engine.
//
// An image is written as an archive that every engine loads. The archive of
// the same content is the same to the byte, so that making an image twice
// does nothing.
package images

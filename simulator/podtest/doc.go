// Package podtest runs a pod inside a Go test: on the engine that the docker
// command would use, owned by the test's own process, gone when the test ends.
//
//	func TestServer(t *testing.T) {
//		p := podtest.Start(t, manifest, podtest.Options{})
//		p.WaitReady()
//		resp, err := p.Client().Get("http://pod:8080/healthz")
//		...
//	}
//
// Nothing needs to be published: Dial and Client connect inside the pod. Every
// test has a namespace of its own, so that parallel tests may run the same
// manifest. When a test fails, the pod's status, events and logs are printed,
// and the cause if podsim knows it.
//
// The pod goes at the end of the test, also of one that fails or panics. Tests
// fail a little before go test -timeout would end them, to be able to clean up;
// what a process that was killed left behind is removed by the next test or
// podsim command.
//
// Ready means what it means in Kubernetes: a container without a readinessProbe
// is ready as soon as it runs. Give it one, so that WaitReady waits for the
// server and not for its process.
package podtest

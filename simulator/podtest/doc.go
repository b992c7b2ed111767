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
// manifest. When a test fails, the pod's status, events and logs are printed.
// What a test process that was killed left behind is removed by the next one.
package podtest

// Command server is the program of the test image podsim.test/server:1.
//
// Every flag has an environment variable of the same name, SERVER_PORT for
// -port and so on; the flag wins. It can also run a single task instead of
// serving: "server get URL" prints an answer and exits with 0 if it was below
// 400, "server sleep 10s", "server exit CODE".
//
//	-port N             HTTP on this port (8080; 0 is none)
//	-address A          the address to listen on (all)
//	-tls                HTTPS with a certificate made at the start
//	-start-delay D      listen only after D
//	-ready-delay D      /healthz and gRPC fail until D after the start
//	-unhealthy-after D  /healthz and gRPC fail from D after the start on
//	-grpc-port N        gRPC health service; -grpc-service NAME serves only it
//	-tcp-port N         echoes what it is sent
//	-udp-port N         echoes each packet
//	-exit-after D       exits with -exit-code after D
//	-exit-code N        the exit code, also after SIGTERM
//	-ignore-term        SIGTERM is printed and ignored
//	-term-delay D       takes D to obey SIGTERM
//	-write FILE=TEXT    writes a file before anything else; may be repeated
//	-message TEXT       a line for standard output; may be repeated
//	-log-every D        prints a numbered line again and again
//	-alloc MIB          allocates and touches memory
//
// HTTP paths:
//
//	/           "hello from HOSTNAME"
//	/healthz    200 "ok" or 503 "unhealthy"; ?set=ok and ?set=fail switch it
//	/headers    the request's method, path, host and headers, a line each
//	/env        the environment
//	/args       the arguments, a line each
//	/file?path= a file
//	/status?code=503&delay=2s&location=/  answers so
//	/alloc?mib=64   allocates and touches memory
//	/exit?code=3    exits
//	/count      how many requests each path had, a line each
package main

package probe

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func checkGRPC(ctx context.Context, a *v1.GRPCAction, t Target, timeout time.Duration) Outcome {
	addr := net.JoinHostPort(t.PodIP, strconv.Itoa(int(a.Port)))
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithUserAgent(probeAgent),
		grpc.WithNoProxy(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			return t.Dialer.DialContext(ctx, "tcp", addr)
		}))
	if err != nil {
		return failed(fmt.Sprintf("error: failed to connect service at %q: %v", addr, err))
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := awaitReady(ctx, conn); err != nil {
		return failed(fmt.Sprintf("timeout: failed to connect service %q within %v: %v", addr, timeout, err))
	}
	service := ""
	if a.Service != nil {
		service = *a.Service
	}
	req := &grpc_health_v1.HealthCheckRequest{Service: service}
	res, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, req)
	if err != nil {
		return failed(rpcFailure(err, timeout))
	}
	if res.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return failed(fmt.Sprintf("service unhealthy (responded with %q)", res.GetStatus()))
	}
	return succeeded("service healthy")
}

// awaitReady connects, again and again until ctx ends.
func awaitReady(ctx context.Context, conn *grpc.ClientConn) error {
	for {
		state := conn.GetState()
		if state == connectivity.Ready {
			return nil
		}
		if state == connectivity.Idle {
			conn.Connect()
		}
		if !conn.WaitForStateChange(ctx, state) {
			return ctx.Err()
		}
	}
}

func rpcFailure(err error, timeout time.Duration) string {
	switch s := status.Convert(err); s.Code() {
	case codes.Unimplemented:
		return "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): " + s.Message()
	case codes.DeadlineExceeded:
		return fmt.Sprintf("timeout: health rpc did not complete within %v", timeout)
	}
	return fmt.Sprintf("error: health rpc probe failed: %v", err)
}

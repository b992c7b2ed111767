package config

// The service "kubernetes" listens on this port.
const servicePort = "443"

// serviceEnv is what every container knows of services: there is one, the API
// server's, and nobody answers there. enableServiceLinks concerns others only.
func serviceEnv(in Input) Env {
	host := in.serviceHost()
	url := "tcp://" + host + ":" + servicePort
	return Env{
		{"KUBERNETES_SERVICE_HOST", host},
		{"KUBERNETES_SERVICE_PORT", servicePort},
		{"KUBERNETES_SERVICE_PORT_HTTPS", servicePort},
		{"KUBERNETES_PORT", url},
		{"KUBERNETES_PORT_443_TCP", url},
		{"KUBERNETES_PORT_443_TCP_PROTO", "tcp"},
		{"KUBERNETES_PORT_443_TCP_PORT", servicePort},
		{"KUBERNETES_PORT_443_TCP_ADDR", host},
	}
}

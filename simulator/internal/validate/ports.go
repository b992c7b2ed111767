package validate

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (c *podCheck) ports(ctr placed) {
	names := sets.New[string]()
	for i, port := range ctr.Ports {
		at := ctr.at.Child("ports").Index(i)
		if port.Name != "" {
			c.portName(at.Child("name"), port.Name, names)
		}
		if port.ContainerPort == 0 {
			c.required(at.Child("containerPort"), "")
		} else {
			c.all(at.Child("containerPort"), port.ContainerPort, validation.IsValidPortNum(int(port.ContainerPort)))
		}
		if port.HostPort != 0 {
			c.all(at.Child("hostPort"), port.HostPort, validation.IsValidPortNum(int(port.HostPort)))
		}
		oneOfOrRequired(&c.findings, at.Child("protocol"), port.Protocol, v1.ProtocolSCTP, v1.ProtocolTCP, v1.ProtocolUDP)
	}
}

func (c *podCheck) portName(at *field.Path, name string, taken sets.Set[string]) {
	if details := validation.IsValidPortName(name); len(details) > 0 {
		c.all(at, name, details)
		return
	}
	if taken.Has(name) {
		c.duplicate(at, name)
	}
	taken.Insert(name)
}

// uniqueHostPorts: two ports of the listed containers cannot be the same port of the machine.
func (c *podCheck) uniqueHostPorts(containers []placed) {
	seen := sets.New[string]()
	for _, ctr := range containers {
		for i, port := range ctr.Ports {
			if port.HostPort == 0 {
				continue
			}
			key := fmt.Sprintf("%s/%s/%d", port.Protocol, port.HostIP, port.HostPort)
			if seen.Has(key) {
				c.duplicate(ctr.at.Child("ports").Index(i).Child("hostPort"), key)
			}
			seen.Insert(key)
		}
	}
}

// hostNetworkPorts: on the machine's network a container's port is the machine's port.
func (c *podCheck) hostNetworkPorts() {
	if !c.pod.Spec.HostNetwork {
		return
	}
	for _, ctr := range placedIn(c.pod.Spec.Containers, "containers") {
		for i, port := range ctr.Ports {
			if port.HostPort != port.ContainerPort {
				c.invalid(ctr.at.Child("ports").Index(i).Child("hostPort"), port.HostPort,
					"must match `containerPort` when `hostNetwork` is true")
			}
		}
	}
}

// portRef checks a port given by number or by name.
func (f *findings) portRef(at *field.Path, port intstr.IntOrString) {
	if port.Type == intstr.String {
		f.all(at, port.StrVal, validation.IsValidPortName(port.StrVal))
		return
	}
	f.all(at, port.IntValue(), validation.IsValidPortNum(port.IntValue()))
}

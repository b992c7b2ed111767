package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// exchangeDNS asks for the addresses of a full name.
func exchangeDNS(ctx context.Context, dial dialFunc, name string) ([]netip.Addr, error) {
	var ips []netip.Addr
	for _, t := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		got, err := ask(ctx, dial, name, t)
		if err != nil && len(ips) == 0 {
			return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
		}
		ips = append(ips, got...)
	}
	return ips, nil
}

// ask tries UDP twice, and TCP when the answer did not fit.
func ask(ctx context.Context, dial dialFunc, name string, t dnsmessage.Type) ([]netip.Addr, error) {
	var last error
	for _, network := range []string{"udp", "udp", "tcp"} {
		if network == "tcp" && last != errTruncated {
			break
		}
		reply, err := askOnce(ctx, dial, network, name, t)
		if err == nil && reply.Truncated && network == "udp" {
			err = errTruncated
		}
		if err == nil {
			return addresses(reply)
		}
		if last = err; ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

var errTruncated = errors.New("answer truncated")

func askOnce(ctx context.Context, dial dialFunc, network, name string, t dnsmessage.Type) (dnsmessage.Message, error) {
	var reply dnsmessage.Message
	qname, err := dnsmessage.NewName(name)
	if err != nil {
		return reply, err
	}
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(rand.Uint32()), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: qname, Type: t, Class: dnsmessage.ClassINET}},
	}
	packed, err := query.Pack()
	if err != nil {
		return reply, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	conn, err := dial(ctx, network, "")
	if err != nil {
		return reply, err
	}
	defer conn.Close()
	if by, ok := ctx.Deadline(); ok {
		conn.SetDeadline(by)
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	raw, err := roundTrip(conn, network, packed)
	if err != nil {
		return reply, err
	}
	if err := reply.Unpack(raw); err != nil {
		return reply, err
	}
	if reply.ID != query.ID || !reply.Response {
		return reply, errors.New("answer to another question")
	}
	return reply, nil
}

func roundTrip(conn net.Conn, network string, query []byte) ([]byte, error) {
	if network == "udp" {
		if _, err := conn.Write(query); err != nil {
			return nil, err
		}
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		return buf[:n], err
	}
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(query)))
	if _, err := conn.Write(append(framed, query...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(conn, buf)
	return buf, err
}

// addresses reads an answer; links by CNAME are the server's business.
func addresses(m dnsmessage.Message) ([]netip.Addr, error) {
	switch m.RCode {
	case dnsmessage.RCodeSuccess, dnsmessage.RCodeNameError:
	default:
		return nil, errors.New("server misbehaving")
	}
	var ips []netip.Addr
	for _, a := range m.Answers {
		switch r := a.Body.(type) {
		case *dnsmessage.AResource:
			ips = append(ips, netip.AddrFrom4(r.A))
		case *dnsmessage.AAAAResource:
			ips = append(ips, netip.AddrFrom16(r.AAAA))
		}
	}
	return ips, nil
}

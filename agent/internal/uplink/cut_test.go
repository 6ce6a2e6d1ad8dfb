package uplink

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// raw serves each connection with bare bytes, on loopback and in the clear.
func raw(t *testing.T, serve func(*net.TCPConn)) *Client {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return // the test is over
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	c := dial(t, Endpoint{URL: "http://" + listener.Addr().String() + "/v1/reports", HeaderTimeout: 2 * time.Second})
	c.retryWithin = 0
	return c
}

// request reads a request to its end and returns its length.
func request(conn net.Conn) int {
	var got bytes.Buffer
	for chunk := make([]byte, 4096); ; {
		n, err := conn.Read(chunk)
		got.Write(chunk[:n])
		head, body, whole := strings.Cut(got.String(), "\r\n\r\n")
		var length int
		if _, rest, ok := strings.Cut(head, "Content-Length: "); ok {
			fmt.Sscan(rest, &length)
		}
		if err != nil || whole && len(body) >= length {
			return got.Len()
		}
	}
}

const acknowledged = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"accepted\":[\"a\"]}"

// TestAnswerCutAtEveryByte ends the connection after each byte of an answer, in
// order and by a reset: only the whole answer acknowledges.
func TestAnswerCutAtEveryByte(t *testing.T) {
	var cut atomic.Int64
	var reset atomic.Bool
	c := raw(t, func(conn *net.TCPConn) {
		request(conn)
		if reset.Load() {
			_ = conn.SetLinger(0)
		}
		_, _ = io.WriteString(conn, acknowledged[:cut.Load()])
	})
	taken := 0
	for _, r := range []bool{false, true} {
		reset.Store(r)
		for i := range len(acknowledged) {
			cut.Store(int64(i))
			if got, f := fails(t, c, reports("a")); got.Accepted != nil || f.Class != Wait {
				t.Errorf("cut after %d bytes: %v, class %v", i, got.Accepted, f.Class)
				taken++
			}
		}
	}
	cut.Store(int64(len(acknowledged)))
	reset.Store(false)
	if _, err := c.Send(t.Context(), reports("a")); err != nil {
		t.Error(err)
	}
	t.Logf("an answer of %d bytes, cut and reset at each: %d taken for an acknowledgement", len(acknowledged), taken)
}

// TestRequestCutAtEveryByte resets the connection after each byte that was
// read of a request.
func TestRequestCutAtEveryByte(t *testing.T) {
	var length, cut atomic.Int64
	c := raw(t, func(conn *net.TCPConn) {
		if n := cut.Load(); n >= 0 {
			_, _ = io.ReadFull(conn, make([]byte, n))
			_ = conn.SetLinger(0)
			return
		}
		length.Store(int64(request(conn)))
		_, _ = io.WriteString(conn, acknowledged)
	})
	cut.Store(-1)
	if _, err := c.Send(t.Context(), reports("a")); err != nil {
		t.Fatal(err)
	}
	c.Close()
	for i := range length.Load() {
		cut.Store(i)
		if got, f := fails(t, c, reports("a")); got.Accepted != nil || f.Class != Wait {
			t.Errorf("reset after %d bytes: %v, class %v", i, got.Accepted, f.Class)
		}
	}
	t.Logf("a request of %d bytes, reset at each: none taken for delivered", length.Load())
}

// TestHostileAnswers are such as take memory or time without end.
func TestHostileAnswers(t *testing.T) {
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	fmt.Fprint(zip, `{"accepted":["a"],"x":"`)
	for range 200 {
		if _, err := zip.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	drip := func(conn net.Conn, text string) { // a byte every now and then
		for _, b := range []byte(text) {
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	for name, serve := range map[string]func(*net.TCPConn){
		"1xx without end": func(conn *net.TCPConn) {
			for {
				if _, err := io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"); err != nil {
					return
				}
			}
		},
		"10 GB": func(conn *net.TCPConn) {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n{\"accepted\":[\"a\"],\"x\":\"")
			for page := bytes.Repeat([]byte{'x'}, 1<<16); ; {
				if _, err := conn.Write(page); err != nil {
					return
				}
			}
		},
		"gzip bomb of 200 MiB": func(conn *net.TCPConn) {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", bomb.Len())
			_, _ = conn.Write(bomb.Bytes())
		},
		"head in drips": func(conn *net.TCPConn) { drip(conn, strings.Repeat(acknowledged, 10)) },
		"body in drips": func(conn *net.TCPConn) {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
			drip(conn, strings.Repeat(" ", 60000))
		},
		"token in a broken head": func(conn *net.TCPConn) { fmt.Fprint(conn, "HTTP/1.1 "+canaryToken+"\r\n\r\n") },
		"token in a header's name": func(conn *net.TCPConn) {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n"+canaryToken+" : x\r\n\r\n")
		},
		"no HTTP": func(conn *net.TCPConn) { fmt.Fprint(conn, "220 mail.example.org ESMTP\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			c := raw(t, func(conn *net.TCPConn) {
				request(conn)
				serve(conn)
			})
			c.http.Timeout = time.Second // of 30
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			got, f := fails(t, c, reports("a"))
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d MiB allocated in %v: %v", allocated, time.Since(began).Round(time.Millisecond), f)
			if got.Accepted != nil || f.Class != Wait || allocated > 64 || time.Since(began) > 5*time.Second {
				t.Errorf("accepted %v, class %v", got.Accepted, f.Class)
			}
		})
	}
}

// TestGoAway has the endpoint end each connection of HTTP/2 in good order.
func TestGoAway(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("spoken is %s", r.Proto)
		}
		w.Header().Set("Connection", "close") // GOAWAY, in HTTP/2
		fmt.Fprint(w, `{"accepted":["a"]}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c := dial(t, Endpoint{URL: server.URL, CAFile: caFile(t, server)})
	for range 20 {
		if _, err := c.Send(t.Context(), reports("a")); err != nil {
			t.Error(err)
		}
	}
}

// TestRenewedCertificate has a client certificate expire and be renewed: the
// next handshake shows the new one, without a new client.
func TestRenewedCertificate(t *testing.T) {
	ago := time.Now().Add(-2 * time.Hour)
	expired, good := certify(t, "site", ago, ago.Add(time.Hour)), certify(t, "site", ago, time.Now().Add(time.Hour))
	roots := x509.NewCertPool()
	for _, cert := range []tls.Certificate{expired, good} {
		parsed, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		roots.AddCert(parsed)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"accepted":["a"]}`) }))
	server.Config.ErrorLog = quiet()
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots}
	server.StartTLS()
	defer server.Close()
	certFile, keyFile := pair(t, expired)
	c := dial(t, Endpoint{URL: server.URL, CAFile: caFile(t, server), CertFile: certFile, KeyFile: keyFile})
	if _, f := fails(t, c, reports("a")); f.Class != Config {
		t.Errorf("expired certificate: class %v: %v", f.Class, f)
	}
	newCert, newKey := pair(t, good)
	for from, to := range map[string]string{newCert: certFile, newKey: keyFile} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Send(t.Context(), reports("a")); err != nil {
		t.Errorf("renewed certificate: %v", err)
	}
}

// pair writes a certificate and its key.
func pair(t *testing.T, cert tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "CERTIFICATE", cert.Certificate[0]), write(t, "PRIVATE KEY", key)
}

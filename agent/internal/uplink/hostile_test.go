package uplink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestRedirectsAreNotFollowed(t *testing.T) {
	var leaked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(true)
		fmt.Fprint(w, `{"accepted":["a"]}`)
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var own atomic.Int32
		c, server := serve(t, nil)
		for _, to := range []string{other.URL + "/?t=" + canaryQuery, server.URL + "/elsewhere", "", "%zz"} {
			own.Store(0)
			server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				own.Add(1)
				if r.URL.Path != "/v1/reports" {
					fmt.Fprint(w, `{"accepted":["a"]}`)
					return
				}
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			got, f := fails(t, c, reports("a"))
			if f.Class != Config || f.Status != status || got.Accepted != nil || own.Load() != 1 {
				t.Errorf("%d to %q: class %v, status %d, %d requests", status, to, f.Class, f.Status, own.Load())
			}
		}
	}
	if leaked.Load() {
		t.Error("a redirect was followed to plain HTTP")
	}
}

func TestEndlessAndSlow(t *testing.T) {
	pause := func(r *http.Request) { <-r.Context().Done() }
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		tries   int32
		attempt time.Duration // the limit of one attempt; zero means that another limit has to work
		says    string
	}{
		{"endless answer", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"accepted":["a"],"x":"`)
			for page := strings.Repeat("x", 1<<16); ; {
				if _, err := fmt.Fprint(w, page); err != nil {
					return
				}
			}
		}, 1, 0, "longer than 65536 bytes"},
		{"answer that does not end", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"accepted":["a"]`)
			w.(http.Flusher).Flush()
			pause(r)
		}, 1, 400 * time.Millisecond, "read the answer"},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { pause(r) }, 3, 0, "timeout"},
		{"503 that does not end", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(503)
			w.(http.Flusher).Flush()
			pause(r)
		}, 3, 0, "503"},
		{"reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3, 0, "EOF"},
		{"huge header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			fmt.Fprint(w, `{"accepted":["a"]}`)
		}, 3, 0, "header"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries atomic.Int32
			c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				body(t, r) // only then the server notices that the client has gone
				test.handler(w, r)
			})
			c.Close()
			c = dial(t, Endpoint{
				URL: server.URL, CAFile: caFile(t, server), AttemptTimeout: orDefault(test.attempt, time.Minute), HeaderTimeout: 200 * time.Millisecond,
			})
			c.retryWait = time.Millisecond
			began := time.Now()
			got, f := fails(t, c, reports("a"))
			if f.Class != Wait || got.Accepted != nil {
				t.Errorf("class %v, accepted %v: %v", f.Class, got.Accepted, f)
			}
			if !strings.Contains(f.Error(), test.says) {
				t.Errorf("error says nothing of %q: %v", test.says, f)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if tries.Load() != test.tries {
				t.Errorf("%d attempts, not %d: %v", tries.Load(), test.tries, f)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c := dial(t, Endpoint{URL: "https://" + canaryLogin + ":" + canaryLogin + "@" + listener.Addr().String() + "/?key=" + canaryQuery})
	if _, f := fails(t, c, reports("a")); f.Class != Wait || f.Status != 0 || !strings.Contains(f.Error(), listener.Addr().String()) {
		t.Errorf("class %v: %v", f.Class, f)
	}
}

func TestTLSTrouble(t *testing.T) {
	soon, ago := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	good := certify(t, "127.0.0.1", ago, soon)
	for _, test := range []struct {
		name     string
		cert     tls.Certificate
		ca       tls.Certificate
		versions uint16
	}{
		{name: "unknown authority", cert: certify(t, "127.0.0.1", ago, soon), ca: good},
		{name: "expired", cert: certify(t, "127.0.0.1", ago.Add(-time.Hour), ago)},
		{name: "not yet valid", cert: certify(t, "127.0.0.1", soon, soon.Add(time.Hour))},
		{name: "other name", cert: certify(t, "127.0.0.9", ago, soon)},
		{name: "old version", cert: good, versions: tls.VersionTLS11},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
			server.Config.ErrorLog = quiet()
			server.TLS = &tls.Config{Certificates: []tls.Certificate{test.cert}, MaxVersion: test.versions, MinVersion: tls.VersionTLS10}
			server.StartTLS()
			defer server.Close()
			ca := test.cert
			if test.ca.Certificate != nil {
				ca = test.ca
			}
			c := dial(t, Endpoint{URL: server.URL, CAFile: write(t, "CERTIFICATE", ca.Certificate[0])})
			if _, f := fails(t, c, reports("a")); f.Class != Config {
				t.Errorf("class %v: %v", f.Class, f)
			}
		})
	}
	t.Run("no TLS", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		c := dial(t, Endpoint{URL: strings.Replace(server.URL, "http:", "https:", 1)})
		if _, f := fails(t, c, reports("a")); f.Class != Config {
			t.Errorf("class %v: %v", f.Class, f)
		}
	})
}

func TestMutualTLS(t *testing.T) {
	cert := certify(t, "site", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.TLS.PeerCertificates[0].Subject.CommonName; got != "site" {
			t.Errorf("certificate of %q", got)
		}
		fmt.Fprint(w, `{"accepted":["a"]}`)
	}))
	server.Config.ErrorLog = quiet()
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	e := Endpoint{URL: server.URL, CAFile: caFile(t, server), CertFile: write(t, "CERTIFICATE", cert.Certificate[0]), KeyFile: write(t, "PRIVATE KEY", key)}
	c := dial(t, e)
	if _, err := c.Send(t.Context(), reports("a")); err != nil {
		t.Error(err)
	}
	c.Close() // the next delivery shakes hands again, and finds no certificate
	if err := os.Remove(e.CertFile); err != nil {
		t.Fatal(err)
	}
	if _, f := fails(t, c, reports("a")); f.Class != Config || !strings.Contains(f.Error(), "cert_file") {
		t.Errorf("missing certificate: class %v: %v", f.Class, f)
	}
	if _, err := New(e); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("new client without its certificate: %v", err)
	}
	e.CertFile, e.KeyFile = "", ""
	if _, f := fails(t, dial(t, e), reports("a")); f.Class != Config {
		t.Errorf("refused for want of a certificate: class %v: %v", f.Class, f)
	}
}

func TestProxy(t *testing.T) {
	for status, want := range map[int]Class{407: Config, 403: Config, 502: Wait, 503: Wait} {
		var connects atomic.Int32
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect && r.Host == "central.example.org:443" {
				connects.Add(1)
			}
			w.WriteHeader(status)
		}))
		login := strings.Replace(proxy.URL, "http://", "http://"+canaryLogin+":"+canaryLogin+"@", 1)
		c := dial(t, Endpoint{URL: "https://central.example.org/v1/reports?key=" + canaryQuery, Proxy: login})
		if _, f := fails(t, c, reports("a")); f.Class != want || connects.Load() == 0 {
			t.Errorf("proxy answers %d: class %v after %d requests: %v", status, f.Class, connects.Load(), f)
		}
		proxy.Close()
	}
}

func TestPlainLoopbackAvoidsTheProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"accepted":["a"]}`)
	}))
	defer server.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy saw the token") }))
	defer proxy.Close()
	if _, err := dial(t, Endpoint{URL: server.URL, Proxy: proxy.URL}).Send(t.Context(), reports("a")); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	notPEM := write(t, "NOTHING", []byte("x"))
	for name, e := range map[string]Endpoint{
		"no address":       {},
		"no scheme":        {URL: canaryLogin + "central.example.org"},
		"plain HTTP":       {URL: "http://" + canaryLogin + "@central.example.org/?" + canaryQuery},
		"looks local":      {URL: "http://127.0.0.1.example.org/"},
		"other scheme":     {URL: "ftp://central.example.org/"},
		"broken":           {URL: "https://" + canaryLogin + ":%zz@central.example.org/" + canaryQuery},
		"no CA file":       {URL: "https://central.example.org/", CAFile: filepath.Join(t.TempDir(), "missing")},
		"CA file not PEM":  {URL: "https://central.example.org/", CAFile: notPEM},
		"cert without key": {URL: "https://central.example.org/", CertFile: notPEM},
		"key without cert": {URL: "https://central.example.org/", KeyFile: notPEM},
		"cert not PEM":     {URL: "https://central.example.org/", CertFile: notPEM, KeyFile: notPEM},
		"proxy":            {URL: "https://central.example.org/", Proxy: canaryLogin},
		"proxy broken":     {URL: "https://central.example.org/", Proxy: "http://" + canaryLogin + ":%zz@proxy"},
	} {
		_, err := New(e)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		for _, canary := range []string{canaryLogin, canaryQuery} {
			if strings.Contains(err.Error(), canary) {
				t.Errorf("%s: error shows a secret: %v", name, err)
			}
		}
	}
	for _, address := range []string{"http://127.0.0.1:8080/", "http://[::1]/", "http://localhost:1/v1", "https://central.example.org"} {
		if _, err := New(Endpoint{URL: address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// certify makes a self-signed certificate for an address or a name.
func certify(t *testing.T, host string, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: host}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func write(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

package receive

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLoad holds that a delivery for which there is no room waits a moment, is
// then told when to come again, and that there is room again afterwards.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ended := make(chan int)
		var bodies []*io.PipeWriter
		for i := range atOnce {
			reader, writer := io.Pipe()
			bodies = append(bodies, writer)
			go func() {
				r := httptest.NewRequest(http.MethodPost, Path, reader)
				r.Header.Set("Content-Type", single)
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				ended <- w.Code
			}()
			if _, err := io.WriteString(writer, report(fmt.Sprint(i))[:10]); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(report("x")))
		r.Header.Set("Content-Type", single)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if took := time.Since(began); w.Code != 429 || w.Header().Get("Retry-After") != "5" || took != turnWait {
			t.Errorf("under load: %d, Retry-After %q, after %v", w.Code, w.Header().Get("Retry-After"), took)
		}
		for i, body := range bodies {
			if _, err := io.WriteString(body, report(fmt.Sprint(i))[10:]); err != nil {
				t.Fatal(err)
			}
			body.Close()
			if status := <-ended; status != 200 {
				t.Errorf("delivery %d: %d", i, status)
			}
		}
		if status, _ := post(s, single, report("x")); status != 200 || s.Reports() != atOnce+1 {
			t.Errorf("afterwards: %d, %d reports", status, s.Reports())
		}
	})
}

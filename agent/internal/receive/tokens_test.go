package receive

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTokens(t *testing.T) {
	tokens := mustTokens(t, "# the pilot\n\nLON-0043 canary-3\r\n  LON-0042\tcanary-2\nLON-0042 canary-new\n* canary-all\ncanary-alone")
	if diff := cmp.Diff([]string{"LON-0042", "LON-0043"}, tokens.sites()); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
	for token, want := range map[string]string{"canary-3": "LON-0043", "canary-2": "LON-0042", "canary-new": "LON-0042", "canary-all": "*", "canary-alone": "*", "LON-0042": "", "#": ""} {
		r := httptest.NewRequest(http.MethodPost, Path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if site, ok := tokens.bearer(r); site != want || ok != (want != "") {
			t.Errorf("%s is of %q, %v", token, site, ok)
		}
	}
	for text, want := range map[string]string{
		"":                              "it holds no token",
		"# canary":                      "it holds no token",
		"a canary-1\nb canary-2 canary": "line 2 has 3 words",
		"a canary-1\n\nb canary-1":      "line 3 has the token of another line",
	} {
		if _, err := ParseTokens(text); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestSiteToken holds that a site's token speaks for that site alone.
func TestSiteToken(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir, Tokens: mustTokens(t, "LON-0042 own\nLON-0043 other\n* all")})
	other := strings.Replace(report("b"), "LON-0042", "LON-0043", 1)
	for _, test := range []struct {
		token, body string
		want        int
	}{
		{"own", report("a"), 200}, {"own", other, 403}, {"other", report("a"), 403}, {"other", other, 200}, {"all", report("c"), 200},
		{"own", strings.Replace(report("x"), "LON-0042", "LON-0042%2Fagents", 1), 403},
	} {
		status, answer := post(s, single, test.body, "Authorization", "Bearer "+test.token)
		if status != test.want || status == 403 && strings.Contains(answer, "accepted") {
			t.Errorf("%s: %d %s", test.token, status, answer)
		}
	}
	if status, _ := post(s, batch, "["+report("d")+","+other+"]", "Authorization", "Bearer own"); status != 403 {
		t.Errorf("a batch in which one is of another site: %d", status)
	}
	if diff := cmp.Diff(report("a")+"\n"+other+"\n"+report("c")+"\n", file(t, dir)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestWhoSeesThePage(t *testing.T) {
	some := mustTokens(t, "LON-0042 own\n* all")
	for _, test := range []struct {
		name    string
		options Options
		basic   string
		bearer  string
		want    int
	}{
		{"open", Options{OpenPage: true}, "", "", 200},
		{"nobody is asked for a token", Options{}, "", "", 403},
		{"no token", Options{Tokens: some, OpenPage: true}, "", "", 401},
		{"a site's", Options{Tokens: some}, "own", "", 401},
		{"a site's, as a delivery has it", Options{Tokens: some}, "", "own", 401},
		{"a wrong one", Options{Tokens: some}, "al", "", 401},
		{"every site's", Options{Tokens: some}, "all", "", 200},
		{"every site's, as a delivery has it", Options{Tokens: some}, "", "all", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Dir = t.TempDir()
			s := mustNew(t, test.options)
			post(s, single, report("a"), "Authorization", "Bearer all")
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if test.basic != "" {
				r.SetBasicAuth("anybody", test.basic)
			}
			if test.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+test.bearer)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != test.want || strings.Contains(w.Body.String(), "LON-0042") != (test.want == 200) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if asked := w.Header().Get("WWW-Authenticate") != ""; asked != (test.want == 401) {
				t.Errorf("a browser is asked for a password: %v", asked)
			}
		})
	}
}

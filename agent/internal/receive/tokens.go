package receive

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// AnySite stands in a token file for every site, and for whoever may read the
// page.
const AnySite = "*"

// Tokens say whose token is whose. They hold no token, only what tells one.
type Tokens map[[sha256.Size]byte]string

// ParseTokens reads lines of a site and its token. A token alone, or after *,
// is good for every site and opens the page. Lines that are empty or begin
// with # say nothing. The error repeats no token.
func ParseTokens(text string) (Tokens, error) {
	tokens := Tokens{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		site, token := AnySite, fields[0]
		if len(fields) == 2 {
			site, token = fields[0], fields[1]
		}
		sum := sha256.Sum256([]byte(token))
		switch _, twice := tokens[sum]; {
		case len(fields) > 2:
			return nil, fmt.Errorf("line %d has %d words: write a site and its token, such as LON-0042 and what openssl rand -hex 32 prints", number, len(fields))
		case twice:
			return nil, fmt.Errorf("line %d has the token of another line: give each site its own", number)
		}
		tokens[sum] = site
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("it holds no token: write a line for each site, of its id and its token")
	}
	return tokens, nil
}

// bearer tells whose token a delivery bears.
func (t Tokens) bearer(r *http.Request) (site string, ok bool) {
	token, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !is {
		return "", false
	}
	site, ok = t[sha256.Sum256([]byte(token))]
	return site, ok
}

// opensPage tells whether a reader has a token for every site: as a browser
// sends it, which is the password of any user, or as a delivery bears it.
func (t Tokens) opensPage(r *http.Request) bool {
	if _, password, ok := r.BasicAuth(); ok {
		return t[sha256.Sum256([]byte(password))] == AnySite
	}
	site, ok := t.bearer(r)
	return ok && site == AnySite
}

// sites lists the sites that have a token of their own.
func (t Tokens) sites() []string {
	var list []string
	for _, site := range t {
		if site != AnySite {
			list = append(list, site)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

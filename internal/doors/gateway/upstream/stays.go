package upstream

import "net/http"

// short is the longest answer of known length that is not watched.
const short = 1 << 20

// Stays reports whether an answer may take so long that its reader should be
// asked about again meanwhile.
func Stays(response *http.Response) bool {
	return response.StatusCode == http.StatusSwitchingProtocols || response.ContentLength < 0 || response.ContentLength > short
}

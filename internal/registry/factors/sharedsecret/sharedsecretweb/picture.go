package sharedsecretweb

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// picture is a QR code as the path of an SVG, so that it needs neither an image of
// its own, which would go through another request, nor inline style.
type picture struct {
	Side int    // with the quiet zone, in modules
	Path string // the dark modules
}

// quiet is the width of the empty border: ISO/IEC 18004 asks for four modules.
const quiet = 4

func draw(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		// Its error may hold the text, and with it the secret.
		return picture{}, fmt.Errorf("draw a QR code of %d characters: it does not fit", len(text))
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; {
			if !code.Black(x, y) {
				x++
				continue
			}
			run := 1
			for code.Black(x+run, y) {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			x += run
		}
	}
	return picture{Side: code.Size + 2*quiet, Path: path.String()}, nil
}

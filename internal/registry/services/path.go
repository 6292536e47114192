package services

import "unicode/utf8"

// reading says whether all applications read a path in the same way.
type reading int

const (
	ambiguous reading = iota // they do not; nothing may be decided from it
	clear
	clearEncoded // as clear, but with percent-encoded bytes in it
)

// inspect looks at a path as it came in the request line, still encoded, and
// calls it ambiguous when applications are known to disagree on what it names:
//
//   - a backslash, plain or as %5c: Windows and browsers read it as a slash;
//   - a slash as %2f: some decode it before routing, some after;
//   - empty segments (//): some merge them;
//   - segments of dots, plain or encoded, also with a parameter (..;x) or
//     spaces around: some resolve them before, some after Warder;
//   - %25 followed by two hexadecimal digits: an encoded encoding, which some
//     decode twice;
//   - control characters, NUL and spaces; percent signs that encode nothing;
//   - bytes that are not UTF-8, among them the overlong forms of the slash, and
//     the wide forms of slash, backslash and dot that some fold into the narrow.
//
// RFC 3986 §6.2.2 would have us normalise some of these. Refusing them is safer:
// no browser sends them for a link a person follows.
func inspect(path string) reading {
	if path == "" || path[0] != '/' {
		return ambiguous
	}
	verdict := clear
	plain := false   // the current segment has something that no reading takes away
	params := false  // we are behind a semicolon
	started := false // the current segment has at least one byte
	for i := 0; i < len(path); {
		c, width := path[i], 1
		if c == '/' {
			if i > 0 && !plain {
				return ambiguous
			}
			plain, params, started = false, false, false
			i++
			continue
		}
		if c == '%' {
			verdict = clearEncoded
			decoded, ok := unhex(path, i)
			if !ok || decoded == '/' || decoded == '\\' {
				return ambiguous
			}
			if _, again := unhex(path, i+2); decoded == '%' && again {
				return ambiguous
			}
			c, width = decoded, 3
		}
		switch {
		case c < ' ' || c == 0x7f || c == '\\' || c == '?' && width == 1 || c == '#' && width == 1 || c == ' ' && width == 1:
			return ambiguous
		case c >= utf8.RuneSelf:
			size, ok := wideRune(path[i:])
			if !ok {
				return ambiguous
			}
			width = size
			plain = plain || !params
		case c == ';':
			params = true
		case c != '.' && c != ' ':
			plain = plain || !params
		}
		started = true
		i += width
	}
	if started && !plain {
		return ambiguous
	}
	return verdict
}

// wideRune reads one character of two to four bytes, each plain or encoded, and
// returns how much of text it takes.
func wideRune(text string) (size int, ok bool) {
	var bytes [utf8.UTFMax]byte
	for n := range bytes {
		if size >= len(text) {
			return 0, false
		}
		c, width := text[size], 1
		if c == '%' {
			decoded, ok := unhex(text, size)
			if !ok {
				return 0, false
			}
			c, width = decoded, 3
		}
		bytes[n] = c
		size += width
		if utf8.FullRune(bytes[:n+1]) {
			r, length := utf8.DecodeRune(bytes[:n+1])
			return size, length == n+1 && r != utf8.RuneError && !folds(r)
		}
	}
	return 0, false
}

// folds names characters that some systems turn into a slash, backslash, dot,
// semicolon or percent sign ("best fit" conversion, NFKC), and invisible ones.
func folds(r rune) bool {
	switch {
	case r >= 0xff01 && r <= 0xff5e: // full-width forms of ASCII
		return true
	case r >= 0x2024 && r <= 0x2026: // one, two and three dots
		return true
	case r == 0x2044, r == 0x2215, r == 0x2216, r == 0x29f5, r == 0x29f8, r == 0xfe52, r == 0xfe54, r == 0xfe68, r == 0xfe6a:
		return true
	case r == 0xad, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x2064, r == 0xfeff:
		return true
	case r >= 0x80 && r <= 0x9f: // C1 control characters
		return true
	case r == 0x130, r == 0x131, r == 0x17f, r == 0x212a: // letters that lower or upper case turns into ASCII
		return true
	}
	return false
}

// unhex decodes the percent-encoded byte at i.
func unhex(text string, i int) (byte, bool) {
	if i+2 >= len(text) {
		return 0, false
	}
	high, low := hexDigit(text[i+1]), hexDigit(text[i+2])
	return high<<4 | low&0xf, high != 0xff && low != 0xff
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

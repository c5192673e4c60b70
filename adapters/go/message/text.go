// Percent-encoding, and the case of ASCII letters.

package message

import (
	"fmt"
	"strings"
)

const upperHex = "0123456789ABCDEF"

// LowerASCII makes A to Z small. Unlike strings.ToLower it leaves every byte beyond ASCII alone.
func LowerASCII(text string) string {
	lowered := []byte(text)
	for i, c := range lowered {
		lowered[i] = lowerByte(c)
	}
	return string(lowered)
}

// EqualFold compares without regard to the case of ASCII letters.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// PercentEncode writes every byte but the unreserved characters of RFC 3986, section 2.3, as an
// escape with capital digits.
func PercentEncode(text string) string {
	return percentEncode(text, "")
}

// percentEncodePath leaves those bytes bare as well that RFC 3986, section 3.3, permits in a path.
func percentEncodePath(path string) string {
	return percentEncode(path, "!$&'()*+,;=:@/")
}

func percentEncode(text, bare string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if isUnreserved(c) || strings.IndexByte(bare, c) >= 0 {
			out.WriteByte(c)
		} else {
			out.WriteByte('%')
			out.WriteByte(upperHex[c>>4])
			out.WriteByte(upperHex[c&15])
		}
	}
	return out.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// PercentDecode replaces escapes by the bytes that they stand for. A percent sign that does not
// begin an escape is malformed.
func PercentDecode(text string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
			return "", fmt.Errorf("%w: broken percent escape", ErrMalformed)
		}
		out.WriteByte(hexValue(text[i+1])<<4 | hexValue(text[i+2]))
		i += 2
	}
	return out.String(), nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= lowerByte(c) && lowerByte(c) <= 'f'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return lowerByte(c) - 'a' + 10
}

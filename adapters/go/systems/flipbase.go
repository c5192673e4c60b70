// Flipbase: HMAC-SHA256 over verb, URI-encoded path and date.

package systems

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"countersign-adapter/message"
)

var flipbase = System{
	Operations: map[string]Operation{
		"request": {sign: signFlipbase, verify: verifyFlipbase},
	},
	Readings: []string{
		apiKeyAsHMACKey, meantPath, pathWithQuery, lowerCasePath, rfc4868Truncation, bareAuthorization,
	},
}

const (
	apiKeyAsHMACKey   = "api-key-as-hmac-key"
	meantPath         = "meant-path"
	pathWithQuery     = "path-with-query"
	lowerCasePath     = "lower-case-path"
	rfc4868Truncation = "rfc4868-truncation"
	bareAuthorization = "bare-authorization"
)

const flipbaseDefaultSkew = "900"

func flipbaseStages(m *message.Message, key, secret, date, reading string) (Stages, error) {
	path, err := flipbasePath(m, reading)
	if err != nil {
		return nil, err
	}
	stringToSign := m.Method + "\n" + message.PercentEncode(path) + "\n" + date

	if reading == apiKeyAsHMACKey {
		secret = key
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stringToSign))
	sum := mac.Sum(nil)
	if reading == rfc4868Truncation {
		sum = sum[:16] // RFC 4868, section 2.3
	}
	signature := base64.StdEncoding.EncodeToString(sum)
	return Stages{
		"string_to_sign": stringToSign,
		"signature":      signature,
		"authorization":  flipbasePrefix(reading) + key + ":" + signature,
	}, nil
}

// flipbasePath is the path that goes into the string: the one on the wire, whose escapes are then
// encoded again, so that nobody has to decode it.
func flipbasePath(m *message.Message, reading string) (string, error) {
	switch reading {
	case meantPath:
		return message.PercentDecode(m.RawPath())
	case pathWithQuery:
		return m.Target, nil
	case lowerCasePath:
		return message.LowerASCII(m.RawPath()), nil
	}
	return m.RawPath(), nil
}

func flipbasePrefix(reading string) string {
	if reading == bareAuthorization {
		return ""
	}
	return "Signature "
}

func signFlipbase(task *Signing) (Stages, error) {
	key, err := task.credential("api_key")
	if err != nil {
		return nil, err
	}
	secret, err := task.credential("api_secret")
	if err != nil {
		return nil, err
	}
	date, err := formatMillis(task.Time)
	if err != nil {
		return nil, fmt.Errorf("time of signing: %w", err)
	}
	stages, err := flipbaseStages(task.Message, key, secret, date, task.Reading)
	if err != nil {
		return nil, err
	}
	task.Message.SetHeader("X-Flipbase-Date", date)
	task.Message.SetHeader("Authorization", stages["authorization"])
	return stages, nil
}

func verifyFlipbase(task *Verification) (Stages, error) {
	key, signature, err := flipbaseAuthorization(task.Message, task.Reading)
	if err != nil {
		return nil, err
	}
	date, signed, err := flipbaseDate(task.Message)
	if err != nil {
		return nil, err
	}
	account, err := task.accountWith("api_key", key)
	if err != nil {
		return nil, err
	}
	secret := account.Values["api_secret"]
	if secret == "" { // which anybody could sign with
		return nil, refuse(UnknownKey)
	}
	fresh, err := flipbaseIsFresh(task, signed)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, refuse(Expired)
	}
	stages, err := flipbaseStages(task.Message, key, secret, date, task.Reading)
	if err != nil {
		return nil, err
	}
	if !sameSecret(signature, stages["signature"]) {
		return nil, refuse(SignatureMismatch)
	}
	return stages, nil
}

func flipbaseAuthorization(m *message.Message, reading string) (key, signature string, err error) {
	value, found, err := m.Header("Authorization")
	if err != nil {
		return "", "", err
	}
	if !found {
		return "", "", refuse(MissingCredential)
	}
	prefix := flipbasePrefix(reading)
	key, signature, separated := strings.Cut(strings.TrimPrefix(value, prefix), ":")
	if !strings.HasPrefix(value, prefix) || !separated {
		return "", "", refuse(Malformed)
	}
	return key, signature, nil
}

// flipbaseDate gives the date as received, which is what was signed, and the moment that it means.
// Date counts only where X-Flipbase-Date is not there at all.
func flipbaseDate(m *message.Message) (text string, moment Instant, err error) {
	text, found, err := m.Header("X-Flipbase-Date")
	if err == nil && !found {
		text, found, err = m.Header("Date")
	}
	if err != nil {
		return "", Instant{}, err
	}
	if !found {
		return "", Instant{}, refuse(MissingCredential)
	}
	moment, err = parseMillis(text)
	if err != nil {
		moment, err = parseHTTPDate(text)
	}
	if err != nil {
		return "", Instant{}, refuse(Malformed)
	}
	return text, moment, nil
}

func flipbaseIsFresh(task *Verification, signed Instant) (bool, error) {
	now, err := task.now()
	if err != nil {
		return false, err
	}
	skew, given := task.Parameters["skew"]
	if !given {
		skew = flipbaseDefaultSkew
	}
	seconds, err := strconv.ParseUint(skew, 10, 63)
	if err != nil {
		return false, fmt.Errorf("parameter skew: %w", err)
	}
	return now.within(int64(seconds), signed), nil
}

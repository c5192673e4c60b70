// Flipsnack: MD5 over the secret and the sorted parameters, in the numbered steps of the document.

package systems

import (
	"crypto/md5"
	"encoding/hex"
	"sort"
	"strings"

	"countersign-adapter/message"
)

var flipsnack = System{
	Operations: map[string]Operation{
		"request": {sign: signFlipsnack, verify: verifyFlipsnack},
	},
	Variants: []string{upload},
	Readings: []string{caselessSort, urlEncodedValues, upperCaseDigits},
}

const (
	upload           = "upload"
	caselessSort     = "caseless-sort"
	urlEncodedValues = "url-encoded-values"
	upperCaseDigits  = "upper-case-digits"
)

// Codes of the vendor's page of status codes.
const (
	codeMissingParameter = "30"
	codeWrongMethod      = "40"
	codeBadKey           = "41"
	codeBadSignature     = "44"
)

func flipsnackStages(m *message.Message, secret, reading string) (Stages, error) {
	parameters, err := flipsnackParameters(m)
	if err != nil {
		return nil, err
	}
	sortParameters(parameters, reading == caselessSort) // step 1

	var canonical strings.Builder // step 2
	for _, parameter := range parameters {
		if reading == urlEncodedValues {
			parameter.Name = message.PercentEncode(parameter.Name)
			parameter.Value = message.PercentEncode(parameter.Value)
		}
		canonical.WriteString(parameter.Name)
		canonical.WriteString(parameter.Value)
	}
	stringToSign := secret + canonical.String()

	digest := md5.Sum([]byte(stringToSign)) // step 3
	return Stages{
		"canonical_query": canonical.String(),
		"string_to_sign":  stringToSign,
		"signature":       hex.EncodeToString(digest[:]),
	}, nil
}

// flipsnackParameters collects the fields of query and body, without the two that step 1 excludes.
func flipsnackParameters(m *message.Message) ([]message.Pair, error) {
	var parameters []message.Pair
	for _, read := range []func() ([]message.Pair, error){m.Query, m.Form, m.Multipart} {
		fields, err := read()
		if err != nil {
			return nil, err
		}
		for _, field := range fields {
			if field.Name != "signature" && field.Name != "file" {
				parameters = append(parameters, field)
			}
		}
	}
	return parameters, nil
}

// sortParameters sorts by the bytes of the name. Parameters of one name keep their order.
func sortParameters(parameters []message.Pair, caseless bool) {
	sort.SliceStable(parameters, func(i, j int) bool {
		a, b := parameters[i].Name, parameters[j].Name
		if caseless {
			if lowerA, lowerB := message.LowerASCII(a), message.LowerASCII(b); lowerA != lowerB {
				return lowerA < lowerB
			}
		}
		return a < b
	})
}

func signFlipsnack(task *Signing) (Stages, error) {
	key, err := task.credential("api_key")
	if err != nil {
		return nil, err
	}
	secret, err := task.credential("secret")
	if err != nil {
		return nil, err
	}
	// The key is a parameter like any other, so it is there before the signature is derived.
	if err := task.Message.SetQuery("apiKey", key); err != nil {
		return nil, err
	}
	stages, err := flipsnackStages(task.Message, secret, task.Reading)
	if err != nil {
		return nil, err
	}
	return stages, task.Message.SetQuery("signature", stages["signature"]) // step 4
}

func verifyFlipsnack(task *Verification) (Stages, error) {
	method := "GET"
	if task.Variant == upload {
		method = "POST"
	}
	if task.Message.Method != method {
		return nil, &Refusal{Class: WrongMethod, Code: codeWrongMethod}
	}
	key, received, err := flipsnackCredentials(task.Message)
	if err != nil {
		return nil, err
	}
	account, err := task.accountWith("api_key", key)
	// An account with an empty secret authenticates nobody: anybody can sign with it.
	if err != nil || account.Values["secret"] == "" {
		return nil, &Refusal{Class: UnknownKey, Code: codeBadKey}
	}
	stages, err := flipsnackStages(task.Message, account.Values["secret"], task.Reading)
	if err != nil {
		return nil, err
	}
	if task.Reading == upperCaseDigits {
		received = message.LowerASCII(received)
	}
	if !sameSecret(received, stages["signature"]) {
		return nil, &Refusal{Class: SignatureMismatch, Code: codeBadSignature, Message: "Invalid signature"}
	}
	return stages, nil
}

// flipsnackCredentials reads key and signature; both stand in the query, of uploads too.
func flipsnackCredentials(m *message.Message) (key, signature string, err error) {
	query, err := m.Query()
	if err != nil {
		return "", "", err
	}
	for _, wanted := range []struct {
		name string
		into *string
	}{{"apiKey", &key}, {"signature", &signature}} {
		*wanted.into, _, err = message.One(query, wanted.name)
		if err != nil {
			return "", "", err
		}
		if *wanted.into == "" {
			return "", "", &Refusal{Class: MissingCredential, Code: codeMissingParameter}
		}
	}
	return key, signature, nil
}

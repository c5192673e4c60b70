// Flip for Business: a Basic credential on requests, and a static validation token on callbacks.

package systems

import (
	"encoding/base64"
	"strings"

	"countersign-adapter/message"
)

var flipForBusiness = System{
	Operations: map[string]Operation{
		"request": {
			sign:    signFlipRequest,
			verify:  verifyFlipRequest,
			refusal: Refusal{Status: "401"}, // General FAQ, "Why am I receiving a 401"
		},
		"callback": {
			sign:    signFlipCallback,
			verify:  verifyFlipCallback,
			refusal: Refusal{Reply: "disregard"}, // General FAQ, "API Secret Key and Validation Token"
		},
	},
	Variants: []string{production, sourceAddresses},
	Readings: []string{withoutColon, lastToken},
}

const (
	production      = "production"
	sourceAddresses = "source-addresses"
	withoutColon    = "without-colon"
	lastToken       = "last-token"
)

// callbackAddresses are those that the FAQ lists.
var callbackAddresses = []string{
	"149.129.234.86",
	"149.129.218.31",
	"34.101.204.31",
	"34.101.114.113",
	"34.101.63.196",
	"34.101.161.100",
	"34.101.232.118",
	"34.101.212.103",
}

// flipRequestStages derives what the client sends: the secret as user name, with an empty password.
func flipRequestStages(call Call, secret string) Stages {
	baseURL := "https://bigflip.id/big_sandbox_api"
	if call.Variant == production {
		baseURL = "https://bigflip.id/api/"
	}
	userPass := secret + ":"
	if call.Reading == withoutColon {
		userPass = secret
	}
	credentials := base64.StdEncoding.EncodeToString([]byte(userPass))
	return Stages{
		"base_url":      baseURL,
		"credentials":   credentials,
		"authorization": "Basic " + credentials,
	}
}

func signFlipRequest(task *Signing) (Stages, error) {
	secret, err := task.credential("secret")
	if err != nil {
		return nil, err
	}
	stages := flipRequestStages(task.Call, secret)
	task.Message.SetHeader("Authorization", stages["authorization"])
	return stages, nil
}

func verifyFlipRequest(task *Verification) (Stages, error) {
	user, password, err := flipCredentials(task)
	if err != nil {
		return nil, err
	}
	if user == "" {
		return nil, refuse(MissingCredential)
	}
	account, err := task.accountWith("secret", user)
	if err != nil {
		return nil, err
	}
	if password != "" {
		return nil, refuse(Malformed)
	}
	environment := "sandbox"
	if task.Variant == production {
		environment = production
	}
	if account.Values["environment"] != environment {
		return nil, refuse(WrongEnvironment)
	}
	stages := flipRequestStages(task.Call, account.Values["secret"])
	url, found, err := task.Message.URL()
	if err != nil {
		return nil, err
	}
	if !found || !isUnder(url, stages["base_url"]) {
		return nil, refuse(WrongEnvironment)
	}
	if task.Variant == production && !addressListed(task.ClientAddress, account.Addresses["allowed_addresses"]) {
		return nil, &Refusal{Class: AddressNotAllowed, Message: "IP is not Whitelisted"}
	}
	return stages, nil
}

// flipCredentials reads user name and password, split at the first colon (RFC 7617, section 2).
func flipCredentials(task *Verification) (user, password string, err error) {
	encoded, err := authorization(task.Message, "Basic")
	if err != nil {
		return "", "", err
	}
	if strings.ContainsAny(encoded, "\r\n") { // which Go's decoder would skip
		return "", "", refuse(Malformed)
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return "", "", refuse(Malformed)
	}
	if task.Reading == withoutColon {
		return string(decoded), "", nil
	}
	user, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", refuse(Malformed)
	}
	return user, password, nil
}

// isUnder is true for the base URL itself and for what continues it at a slash. One base URL ends
// in its slash, the other does not.
func isUnder(url, base string) bool {
	return url == base || strings.HasPrefix(url, strings.TrimSuffix(base, "/")+"/")
}

func signFlipCallback(task *Signing) (Stages, error) {
	token, err := task.credential("validation_token")
	if err != nil {
		return nil, err
	}
	if err := task.Message.SetForm("token", token); err != nil {
		return nil, err
	}
	return Stages{"token": token}, nil
}

func verifyFlipCallback(task *Verification) (Stages, error) {
	if task.Variant == sourceAddresses && !addressListed(task.ClientAddress, callbackAddresses) {
		return nil, refuse(AddressNotAllowed)
	}
	fields, err := task.Message.Form()
	if err != nil {
		return nil, err
	}
	data, _, err := message.One(fields, "data")
	if err != nil {
		return nil, err
	}
	if data == "" {
		return nil, refuse(Malformed)
	}
	received, err := callbackToken(fields, task.Reading)
	if err != nil {
		return nil, err
	}
	// An unset token on the server must not equal a missing one in the message.
	if received == "" {
		return nil, refuse(MissingCredential)
	}
	token, known := task.own().Values["validation_token"]
	if !known || !sameSecret(received, token) {
		return nil, refuse(WrongToken)
	}
	return Stages{"token": token}, nil
}

func callbackToken(fields []message.Pair, reading string) (string, error) {
	if reading == lastToken {
		return message.Last(fields, "token"), nil
	}
	token, _, err := message.One(fields, "token")
	return token, err
}

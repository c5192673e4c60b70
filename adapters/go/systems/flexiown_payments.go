// Flexiown Payments: an API key in a header, trust seed and value in the payload, and a trust
// signature by which the client checks what the API answers.

package systems

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"countersign-adapter/message"
)

var flexiownPayments = System{
	Operations: map[string]Operation{
		"request":  {sign: signFlexiownRequest, verify: verifyFlexiownRequest},
		"response": {sign: signFlexiownResponse, verify: verifyFlexiownResponse},
	},
}

const (
	flexiownDefaultLimit = "60"
	flexiownMinute       = 60 // seconds
)

// payment is what the first accepted request of a payment binds.
type payment struct {
	seed, value string
}

// flexiownStages derives the trust signature by the formula of the vendor's published plugin. No
// secret enters it.
func flexiownStages(trust payment) Stages {
	digest := sha256.Sum256([]byte(trust.value + trust.seed))
	return Stages{"trust_signature": hex.EncodeToString(digest[:])}
}

// trustParameters are seed and value as the client has stored them.
func trustParameters(parameters Parameters) (payment, error) {
	seed, err := parameters.required("trust_seed")
	if err != nil {
		return payment{}, err
	}
	value, err := parameters.required("trust_value")
	return payment{seed, value}, err
}

func signFlexiownRequest(task *Signing) (Stages, error) {
	trust, err := trustParameters(task.Parameters)
	if err != nil {
		return nil, err
	}
	key, err := task.credential("api_key")
	if err != nil {
		return nil, err
	}
	if err := task.Message.SetJSON("trust_seed", trust.seed); err != nil {
		return nil, err
	}
	if err := task.Message.SetJSON("trust_value", trust.value); err != nil {
		return nil, err
	}
	task.Message.SetHeader("api-key", key)
	return flexiownStages(trust), nil
}

func verifyFlexiownRequest(task *Verification) (Stages, error) {
	key, err := flexiownKey(task)
	if err != nil {
		return nil, err
	}
	now, err := checkRate(task, key)
	if err != nil {
		return nil, err
	}
	name, trust, err := readPayment(task.Message)
	if err != nil {
		return nil, err
	}
	// The values belong to the payment, whichever key asks.
	bound, known := task.State.payments[name]
	if known && !(sameSecret(bound.seed, trust.seed) && sameSecret(bound.value, trust.value)) {
		return nil, refuse(ValueMismatch)
	}
	task.State.payments[name] = trust
	task.State.arrivals[key] = append(task.State.arrivals[key], now)
	return flexiownStages(trust), nil
}

// flexiownKey gives the API key of a request, which must be known and not invalidated.
func flexiownKey(task *Verification) (string, error) {
	key, err := presentHeader(task.Message, "api-key", MissingCredential)
	if err != nil {
		return "", err
	}
	account, err := task.accountWith("api_key", key)
	if err != nil {
		return "", err
	}
	if status, stated := account.Values["status"]; stated && status != "valid" {
		return "", refuse(RevokedKey)
	}
	return key, nil
}

// checkRate counts the accepted requests of the key in the 60 seconds up to now. One that is
// exactly 60 seconds old no longer counts.
func checkRate(task *Verification, key string) (Instant, error) {
	now, err := task.now()
	if err != nil {
		return Instant{}, err
	}
	text, given := task.Parameters["limit"]
	if !given {
		text = flexiownDefaultLimit
	}
	limit, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return Instant{}, fmt.Errorf("parameter limit: %w", err)
	}
	count := uint64(0)
	for _, arrival := range task.State.arrivals[key] {
		if age, _ := now.since(arrival); 0 <= age && age < flexiownMinute {
			count++
		}
	}
	if count >= limit {
		return Instant{}, &Refusal{Class: RateLimited, Status: "429", Message: "Too Many Requests"}
	}
	return now, nil
}

// readPayment gives the payment that a request is about, and its seed and value.
func readPayment(m *message.Message) (name string, trust payment, err error) {
	object, err := m.JSON()
	if err != nil {
		return "", payment{}, err
	}
	for _, member := range []struct {
		name      string
		into      *string
		otherwise Class
	}{
		{"payment_id", &name, Malformed},
		{"trust_seed", &trust.seed, MissingCredential},
		{"trust_value", &trust.value, MissingCredential},
	} {
		*member.into, err = object.Text(member.name)
		if err != nil {
			return "", payment{}, err
		}
		if *member.into == "" {
			return "", payment{}, refuse(member.otherwise)
		}
	}
	return name, trust, nil
}

func signFlexiownResponse(task *Signing) (Stages, error) {
	trust, err := trustParameters(task.Parameters)
	if err != nil {
		return nil, err
	}
	stages := flexiownStages(trust)
	return stages, task.Message.SetJSON("trust_signature", stages["trust_signature"])
}

func verifyFlexiownResponse(task *Verification) (Stages, error) {
	object, err := task.Message.JSON()
	if err != nil {
		return nil, err
	}
	received, err := object.Text("trust_signature")
	if err != nil {
		return nil, err
	}
	if received == "" {
		return nil, refuse(MissingCredential)
	}
	trust, err := trustParameters(task.Parameters)
	if err != nil {
		return nil, err
	}
	stages := flexiownStages(trust)
	if !sameSecret(received, stages["trust_signature"]) {
		return nil, refuse(SignatureMismatch)
	}
	return stages, nil
}

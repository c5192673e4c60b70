// Why a message is refused, and the small tests that decide it.

package systems

import (
	"crypto/subtle"

	"countersign-adapter/message"
)

// Class is the reason of a refusal, in the corpus' words.
type Class string

// The classes that these five systems use.
const (
	MissingCredential Class = "missing-credential"
	Malformed         Class = "malformed"
	UnknownKey        Class = "unknown-key"
	RevokedKey        Class = "revoked-key"
	WrongToken        Class = "wrong-token"
	SignatureMismatch Class = "signature-mismatch"
	ValueMismatch     Class = "value-mismatch"
	Expired           Class = "expired"
	Replayed          Class = "replayed"
	WrongMethod       Class = "wrong-method"
	WrongEnvironment  Class = "wrong-environment"
	AddressNotAllowed Class = "address-not-allowed"
	RateLimited       Class = "rate-limited"
)

// Refusal is the error that says a message is refused; what a document does not give is empty.
type Refusal struct {
	Class                        Class
	Status, Code, Message, Reply string
}

func (r *Refusal) Error() string {
	return "refused: " + string(r.Class)
}

func refuse(class Class) error {
	return &Refusal{Class: class}
}

// over fills what the refusal leaves open from what its operation says of every refusal.
func (r *Refusal) over(general Refusal) *Refusal {
	full := general
	full.Class = r.Class
	for _, part := range []struct {
		into *string
		from string
	}{
		{&full.Status, r.Status}, {&full.Code, r.Code}, {&full.Message, r.Message}, {&full.Reply, r.Reply},
	} {
		if part.from != "" {
			*part.into = part.from
		}
	}
	return &full
}

// sameSecret compares in constant time.
func sameSecret(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// presentHeader gives a header that must be there and not empty.
func presentHeader(m *message.Message, name string, otherwise Class) (string, error) {
	value, _, err := m.Header(name)
	if err != nil {
		return "", err
	}
	if value == "" {
		return "", refuse(otherwise)
	}
	return value, nil
}

// authorization gives what follows a scheme word and one space in the Authorization header.
func authorization(m *message.Message, word string) (string, error) {
	value, found, err := m.Header("Authorization")
	if err != nil {
		return "", err
	}
	if !found {
		return "", refuse(MissingCredential)
	}
	if len(value) <= len(word) || !message.EqualFold(value[:len(word)], word) || value[len(word)] != ' ' {
		return "", refuse(Malformed)
	}
	return value[len(word)+1:], nil
}

// addressListed is false for an address that is not known.
func addressListed(address string, listed []string) bool {
	for _, permitted := range listed {
		if address != "" && address == permitted {
			return true
		}
	}
	return false
}

// What a signer and a verifier are given.

package systems

import (
	"fmt"

	"countersign-adapter/message"
)

// Stages are the intermediate values of signing, by name.
type Stages map[string]string

// Account is a named set of credentials and attributes.
type Account struct {
	Values    map[string]string
	Addresses map[string][]string
}

// Parameters are values beside the account, such as a permitted skew.
type Parameters map[string]string

// required gives a parameter without which nothing can be done.
func (p Parameters) required(name string) (string, error) {
	value, found := p[name]
	if !found {
		return "", fmt.Errorf("parameter %s is not given", name)
	}
	return value, nil
}

// Call says which operation is asked for, and which variant and reading of it, if any.
type Call struct {
	Operation, Variant, Reading string
}

// Signing is a message to be signed.
type Signing struct {
	Call
	Message    *message.Message
	Account    Account
	Parameters Parameters
	Time       string // RFC 3339 in UTC, empty where not given
	Nonce      *string
}

// credential gives a value without which nothing can be signed.
func (s *Signing) credential(name string) (string, error) {
	value, found := s.Account.Values[name]
	if !found {
		return "", fmt.Errorf("the account has no %s", name)
	}
	return value, nil
}

// Verification is a message to be verified, and what the server knows.
type Verification struct {
	Call
	Message       *message.Message
	Accounts      []Account
	Parameters    Parameters
	Now           *Instant
	ClientAddress string
	State         *State
}

// accountWith finds the first account that has this value. Every account is compared, so that the
// time taken does not tell which one it is.
func (v *Verification) accountWith(name, value string) (Account, error) {
	found := -1
	for i, account := range v.Accounts {
		known, has := account.Values[name]
		if has && sameSecret(known, value) && found < 0 {
			found = i
		}
	}
	if found < 0 {
		return Account{}, refuse(UnknownKey)
	}
	return v.Accounts[found], nil
}

// own is the account of the server itself, for messages that name none.
func (v *Verification) own() Account {
	if len(v.Accounts) == 0 {
		return Account{}
	}
	return v.Accounts[0]
}

// now is needed by those systems only that look at the clock.
func (v *Verification) now() (Instant, error) {
	if v.Now == nil {
		return Instant{}, fmt.Errorf("the server's time is not given")
	}
	return *v.Now, nil
}

// State is what a server remembers of the messages that it has accepted.
type State struct {
	requestIDs map[string]bool
	payments   map[string]payment
	arrivals   map[string][]Instant
}

// NewState remembers nothing yet.
func NewState() *State {
	return &State{map[string]bool{}, map[string]payment{}, map[string][]Instant{}}
}

// The client-system API, whose vendor its document does not name: identifying headers, and a bearer
// token of another kind for each operation.

package systems

import (
	"errors"

	"countersign-adapter/message"
)

var clientSystemAPI = System{
	Operations: map[string]Operation{
		"request":              bearerOperation("access_token"),
		"refresh-access-token": bearerOperation("refresh_token"),
		"renew-refresh-token":  bearerOperation("user_token"),
	},
	Variants: []string{userData},
	Readings: []string{unknownLanguagePasses},
}

const (
	userData              = "user-data"
	unknownLanguagePasses = "unknown-language-passes"
)

// bearerOperation is an operation that this credential authenticates.
func bearerOperation(credential string) Operation {
	return Operation{
		sign: func(task *Signing) (Stages, error) {
			return signClientSystem(task, credential)
		},
		verify: func(task *Verification) (Stages, error) {
			return verifyClientSystem(task, credential)
		},
	}
}

// wantsUserToken is true for endpoints that give a user's data, which are regular calls.
func (c Call) wantsUserToken() bool {
	return c.Variant == userData && c.Operation == "request"
}

// requestedLanguage is Indonesian where the header is not there. An empty header is no default.
func requestedLanguage(m *message.Message) (string, error) {
	language, found, err := m.Header("x-language")
	if err != nil {
		return "", err
	}
	if !found {
		return "id", nil
	}
	return language, nil
}

func signClientSystem(task *Signing, credential string) (Stages, error) {
	token, err := task.credential(credential)
	if err != nil {
		return nil, err
	}
	if err := addClientHeaders(task); err != nil {
		return nil, err
	}
	language, err := requestedLanguage(task.Message)
	if err != nil {
		return nil, err
	}
	stages := Stages{"language": language, "authorization": "Bearer " + token}
	task.Message.SetHeader("Authorization", stages["authorization"])
	return stages, nil
}

func addClientHeaders(task *Signing) error {
	key, err := task.credential("app_key")
	if err != nil {
		return err
	}
	task.Message.SetHeader("x-app-key", key)
	if task.Nonce == nil {
		return errors.New("no nonce is given for x-request-id")
	}
	task.Message.SetHeader("x-request-id", *task.Nonce)
	if task.wantsUserToken() {
		userToken, err := task.credential("user_token")
		if err != nil {
			return err
		}
		task.Message.SetHeader("x-user-token", userToken)
	}
	if language, asked := task.Parameters["language"]; asked {
		task.Message.SetHeader("x-language", language)
	}
	return nil
}

func verifyClientSystem(task *Verification, credential string) (Stages, error) {
	received, err := authorization(task.Message, "Bearer")
	if err != nil {
		return nil, err
	}
	key, err := presentHeader(task.Message, "x-app-key", MissingCredential)
	if err != nil {
		return nil, err
	}
	account, err := task.accountWith("app_key", key)
	if err != nil {
		return nil, err
	}
	requestID, err := presentHeader(task.Message, "x-request-id", Malformed)
	if err != nil {
		return nil, err
	}
	stages := Stages{"authorization": "Bearer " + account.Values[credential]}
	language, err := requestedLanguage(task.Message)
	if err == nil {
		stages["language"] = language
	}
	if task.Reading != unknownLanguagePasses {
		if err != nil {
			return nil, err
		}
		if language != "id" && language != "en" {
			return nil, refuse(Malformed)
		}
	}
	if err := checkTokens(task, account, received, credential); err != nil {
		return nil, err
	}
	// Ids are unique for the whole server, and only an accepted message uses its id up.
	if task.State.requestIDs[requestID] {
		return nil, refuse(Replayed)
	}
	task.State.requestIDs[requestID] = true
	return stages, nil
}

func checkTokens(task *Verification, account Account, received, credential string) error {
	if received == "" {
		return refuse(MissingCredential)
	}
	token, known := account.Values[credential]
	if !known || !sameSecret(received, token) {
		return refuse(WrongToken)
	}
	if !task.wantsUserToken() {
		return nil
	}
	receivedUser, err := presentHeader(task.Message, "x-user-token", MissingCredential)
	if err != nil {
		return err
	}
	userToken, known := account.Values["user_token"]
	if !known || !sameSecret(receivedUser, userToken) {
		return refuse(WrongToken)
	}
	return nil
}

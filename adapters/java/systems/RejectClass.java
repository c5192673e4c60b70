// Why a message is refused: the vocabulary of the corpus.
package systems;

import java.util.Locale;

public enum RejectClass {
    MISSING_CREDENTIAL,
    MALFORMED,
    UNKNOWN_KEY,
    REVOKED_KEY,
    WRONG_TOKEN,
    SIGNATURE_MISMATCH,
    VALUE_MISMATCH,
    EXPIRED,
    REPLAYED,
    WRONG_METHOD,
    WRONG_ENVIRONMENT,
    ADDRESS_NOT_ALLOWED,
    RATE_LIMITED;

    /** The name in vectors and replies, such as {@code unknown-key}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

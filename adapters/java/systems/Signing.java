// A message to be signed, with everything that the signer is given.
package systems;

import java.time.Instant;
import java.util.Map;
import message.Bytes;
import message.Message;

public final class Signing extends Task {
    private final Message message;
    private final Account account;
    private final Instant time;
    private final Bytes nonce;

    /** Time and nonce may be null; systems that need them say so. */
    public Signing(Message message, Account account, Map<String, Bytes> parameters, Instant time, Bytes nonce,
            String variant, String reading) {
        super(parameters, variant, reading);
        this.message = message;
        this.account = account;
        this.time = time;
        this.nonce = nonce;
    }

    /** The signer adds its fields to this message. */
    public Message message() {
        return message;
    }

    public Account account() {
        return account;
    }

    public Instant time() {
        if (time == null) {
            throw new IllegalArgumentException("the time of signing is missing");
        }
        return time;
    }

    public Bytes nonce() {
        if (nonce == null) {
            throw new IllegalArgumentException("the nonce is missing");
        }
        return nonce;
    }
}

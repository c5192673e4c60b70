// A message that arrived, with everything that the receiver knows; and the checks that several systems share.
package systems;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import message.Bytes;
import message.Message;

public final class Verification extends Task {
    private final Message message;
    private final List<Account> accounts;
    private final Instant now;
    private final String clientAddress;
    private final State state;

    /** Now and client address may be null; the state is that of the earlier messages of the same case. */
    public Verification(Message message, List<Account> accounts, Map<String, Bytes> parameters, Instant now,
            String clientAddress, State state, String variant, String reading) {
        super(parameters, variant, reading);
        this.message = message;
        this.accounts = accounts;
        this.now = now;
        this.clientAddress = clientAddress;
        this.state = state;
    }

    public Message message() {
        return message;
    }

    public State state() {
        return state;
    }

    public Instant now() {
        if (now == null) {
            throw new IllegalArgumentException("the time of arrival (now) is missing");
        }
        return now;
    }

    /** The address that the message came from, or null if it is not known. */
    public String clientAddress() {
        return clientAddress;
    }

    /** The receiver's own account, where no message says which one is meant. */
    public Account ownAccount() {
        if (accounts.isEmpty()) {
            throw new IllegalArgumentException("accounts are missing");
        }
        return accounts.get(0);
    }

    /** The first account that has this credential. All are compared, so that the time does not tell which one it is. */
    public Account findAccount(String credential, Bytes value, Map<String, String> details) {
        Account found = null;
        for (Account account : accounts) {
            if (account.has(credential, value) && found == null) {
                found = account;
            }
        }
        if (found == null) {
            throw new Refused(RejectClass.UNKNOWN_KEY, details);
        }
        return found;
    }

    /** Refuses unless the condition holds. */
    public static void check(boolean holds, RejectClass otherwise) {
        check(holds, otherwise, Map.of());
    }

    public static void check(boolean holds, RejectClass otherwise, Map<String, String> details) {
        if (!holds) {
            throw new Refused(otherwise, details);
        }
    }

    public static boolean isPresent(Bytes value) {
        return value != null && !value.isEmpty();
    }
}

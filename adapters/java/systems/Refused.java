// Says that a message is refused, why, and what the document has the server answer.
package systems;

import java.util.Map;

public final class Refused extends RuntimeException {
    private final RejectClass rejectClass;
    private final Map<String, String> details;

    public Refused(RejectClass rejectClass) {
        this(rejectClass, Map.of());
    }

    /** The details are those of status, code, message and reply that a document gives. */
    public Refused(RejectClass rejectClass, Map<String, String> details) {
        super(rejectClass.wireName(), null, false, false);
        this.rejectClass = rejectClass;
        this.details = details;
    }

    public RejectClass rejectClass() {
        return rejectClass;
    }

    public Map<String, String> details() {
        return details;
    }
}

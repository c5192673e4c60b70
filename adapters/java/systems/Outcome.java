// What came of verifying one message: accepted, with its stages, or refused, with the reason.
package systems;

import java.util.Map;
import message.Bytes;

/** The reject class is null where the message was accepted. */
public record Outcome(Map<String, Bytes> stages, RejectClass rejectClass, Map<String, String> details) {
    static Outcome accept(Map<String, Bytes> stages) {
        return new Outcome(stages, null, Map.of());
    }

    static Outcome reject(RejectClass rejectClass, Map<String, String> details) {
        return new Outcome(Map.of(), rejectClass, details);
    }

    public boolean accepted() {
        return rejectClass == null;
    }
}

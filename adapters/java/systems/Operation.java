// One kind of message of a system: how it is signed, and how the receiver checks it.
package systems;

import java.util.LinkedHashMap;
import java.util.Map;
import message.Bytes;
import message.Malformed;

public interface Operation {
    /** Completes the message of the task, and returns the stages in the order in which they were derived. */
    Map<String, Bytes> sign(Signing task);

    /** Returns the stages of an acceptable message; throws {@link Refused} or {@link Malformed} for any other. */
    Map<String, Bytes> verify(Verification task);

    /** What every refusal is answered with, unless the check that refuses says otherwise. */
    default Map<String, String> everyRefusal() {
        return Map.of();
    }

    default Outcome judge(Verification task) {
        try {
            return Outcome.accept(verify(task));
        } catch (Malformed malformed) {
            return Outcome.reject(RejectClass.MALFORMED, everyRefusal());
        } catch (Refused refused) {
            Map<String, String> details = new LinkedHashMap<>(everyRefusal());
            details.putAll(refused.details());
            return Outcome.reject(refused.rejectClass(), details);
        }
    }
}

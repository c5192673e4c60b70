// What a server remembers of the messages that it accepted.
package systems;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import message.Bytes;

/** It lives for one case of a few messages, so nothing is ever forgotten; a server would let old entries go. */
public final class State {
    private final Set<Bytes> ids = new HashSet<>();
    private final Map<Bytes, Bound> bindings = new HashMap<>();
    private final Map<Bytes, List<Instant>> accepted = new HashMap<>();

    /** The values with which a payment was first accepted. */
    public record Bound(Bytes seed, Bytes value) {
    }

    public boolean knowsId(Bytes id) {
        return ids.contains(id);
    }

    public void rememberId(Bytes id) {
        ids.add(id);
    }

    /** The values that are bound to the key, or null. */
    public Bound bound(Bytes key) {
        return bindings.get(key);
    }

    public void bindOnce(Bytes key, Bound values) {
        bindings.putIfAbsent(key, values);
    }

    /** How many messages of the sender were accepted in the period up to now; one exactly that old no longer counts. */
    public long acceptedWithin(Bytes sender, Duration period, Instant now) {
        Instant start = now.minus(period);
        return accepted.getOrDefault(sender, List.of()).stream()
                .filter(time -> time.isAfter(start) && !time.isAfter(now))
                .count();
    }

    public void rememberAccepted(Bytes sender, Instant now) {
        accepted.computeIfAbsent(sender, unused -> new ArrayList<>()).add(now);
    }
}

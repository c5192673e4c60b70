// An account: named credentials and attributes, and named lists of addresses.
package systems;

import java.util.List;
import java.util.Map;
import message.Bytes;

public record Account(Map<String, Bytes> values, Map<String, List<String>> lists) {
    /** The credential or attribute, or null. */
    public Bytes get(String name) {
        return values.get(name);
    }

    public Bytes require(String name) {
        return Task.required(values, name, "the account");
    }

    /** True if the account has this credential. An account without it never matches, not even an empty value. */
    public boolean has(String name, Bytes value) {
        Bytes own = values.get(name);
        return own != null && value != null && own.equalsInConstantTime(value);
    }

    /** Addresses are compared as text; an address that is not known is on no list. */
    public boolean lists(String name, String address) {
        return address != null && lists.getOrDefault(name, List.of()).contains(address);
    }
}

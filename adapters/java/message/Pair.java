// A name with its value: a query or form field, or a header line.
package message;

/** The value is null where none was written: {@code ?acl} and {@code ?acl=} differ. */
public record Pair(Bytes name, Bytes value) {
    public Bytes valueOrEmpty() {
        return value == null ? Bytes.EMPTY : value;
    }
}

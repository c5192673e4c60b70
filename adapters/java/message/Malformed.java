// Says that a message, or a part of it, does not parse.
package message;

public final class Malformed extends RuntimeException {
    public Malformed(String what) {
        // No stack trace: a refused message is an everyday event, and traces are slow to make.
        super(what, null, false, false);
    }
}

// What is wrong with a text that is not JSON.
package json;

public final class JsonException extends RuntimeException {
    public JsonException(String message) {
        super(message);
    }
}

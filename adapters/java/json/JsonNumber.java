// A JSON number as it was written, so that it can be sent back digit for digit.
package json;

public record JsonNumber(String text) {
}

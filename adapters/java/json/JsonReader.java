// A strict reader of JSON (RFC 8259): bytes in, plain Java values out.
package json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * An object becomes a {@code Map<String, Object>} in the order of its members, an array a {@code List<Object>}, a
 * number a {@link JsonNumber}; strings, booleans and null are Java's own.
 *
 * <p>Refused beside what the grammar forbids: bytes that are not UTF-8, an object with two members of one name (readers
 * differ on which counts), and half of a surrogate pair (no sequence of bytes stands for it).
 */
public final class JsonReader {
    /** Deep enough for any real message, and far from the end of the thread's stack. */
    private static final int DEEPEST = 500;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    public static Object read(byte[] bytes) {
        JsonReader reader = new JsonReader(decode(bytes));
        reader.skipSpace();
        Object value = reader.value();
        reader.skipSpace();
        if (reader.at < reader.text.length()) {
            throw reader.wrong("something follows the value");
        }
        return value;
    }

    private static String decode(byte[] bytes) {
        try {
            // A new decoder reports broken bytes; the constructor of String would replace them in silence.
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new JsonException("not JSON: the bytes are not UTF-8");
        }
    }

    private Object value() {
        switch (peek()) {
            case '{':
                return nested(this::object);
            case '[':
                return nested(this::array);
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Object nested(Supplier<Object> read) {
        if (++depth > DEEPEST) {
            throw wrong("nested too deeply");
        }
        Object value = read.get();
        depth--;
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        skipSpace();
        if (peek() == '}') {
            at++;
            return members;
        }
        while (true) {
            if (peek() != '"') {
                throw wrong("a member must begin with its name");
            }
            String name = string();
            skipSpace();
            expect(':');
            skipSpace();
            Object value = value();
            if (members.containsKey(name)) {
                throw wrong("two members have one name");
            }
            members.put(name, value);
            skipSpace();
            if (endsWith('}')) {
                return members;
            }
        }
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        at++;
        skipSpace();
        if (peek() == ']') {
            at++;
            return items;
        }
        while (true) {
            items.add(value());
            skipSpace();
            if (endsWith(']')) {
                return items;
            }
        }
    }

    /** After an item: true at the closing bracket; otherwise a comma must stand here, and the next item follows. */
    private boolean endsWith(char closing) {
        if (peek() == closing) {
            at++;
            return true;
        }
        expect(',');
        skipSpace();
        return false;
    }

    private String string() {
        int start = ++at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\' && text.charAt(at) >= ' ') {
            at++;
        }
        if (peek() == '"') {
            return text.substring(start, at++);
        }
        StringBuilder value = new StringBuilder(text.substring(start, at));
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw wrong("a control character stands bare in a string");
            }
            if (c == '\\') {
                escape(value);
            } else {
                value.append(c);
            }
        }
        at++;
        return value.toString();
    }

    private void escape(StringBuilder value) {
        char c = peek();
        at++;
        switch (c) {
            case '"', '\\', '/' -> value.append(c);
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'n' -> value.append('\n');
            case 'r' -> value.append('\r');
            case 't' -> value.append('\t');
            case 'u' -> value.append(codePoint());
            default -> throw wrong("no such escape");
        }
    }

    private String codePoint() {
        char unit = fourDigits();
        if (!Character.isSurrogate(unit)) {
            return String.valueOf(unit);
        }
        if (Character.isHighSurrogate(unit) && text.startsWith("\\u", at)) {
            at += 2;
            char low = fourDigits();
            if (Character.isLowSurrogate(low)) {
                return String.valueOf(new char[] {unit, low});
            }
        }
        throw wrong("half of a surrogate pair stands alone");
    }

    private char fourDigits() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            char c = peek();
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw wrong("\\u wants four hexadecimal digits");
            }
            unit = unit * 16 + digit;
            at++;
        }
        return (char) unit;
    }

    private JsonNumber number() {
        int start = at;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        return new JsonNumber(text.substring(start, at));
    }

    private void digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw wrong("a value or a digit is missing");
        }
    }

    private boolean skip(char c) {
        boolean here = at < text.length() && text.charAt(at) == c;
        if (here) {
            at++;
        }
        return here;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("no such word");
        }
        at += word.length();
        return value;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wrong("'" + c + "' is missing");
        }
        at++;
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("the text ends too early");
        }
        return text.charAt(at);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private JsonException wrong(String what) {
        return new JsonException("not JSON: " + what + ", at character " + at);
    }
}

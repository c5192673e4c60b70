// A header value of the form `type; name=value; name="value"`, such as Content-Type.
package message;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

final class MediaType {
    private final Bytes type;
    private final Bytes rest;

    private MediaType(Bytes type, Bytes rest) {
        this.type = type;
        this.rest = rest;
    }

    /** Reads the type only; the parameters are read when one is asked for. */
    static MediaType read(Bytes value) {
        int end = value.indexOf(';', 0);
        return end < 0
                ? new MediaType(value.trim(), Bytes.EMPTY)
                : new MediaType(value.slice(0, end).trim(), value.from(end));
    }

    boolean is(String wanted) {
        return type.equalsIgnoringCase(Bytes.utf8(wanted));
    }

    /** The value of a parameter that must be there, once. */
    Bytes parameter(String wanted) {
        Bytes found = null;
        for (Pair parameter : parameters()) {
            if (parameter.name().equalsIgnoringCase(Bytes.utf8(wanted))) {
                if (found != null) {
                    throw new Malformed("the parameter " + wanted + " occurs twice");
                }
                found = parameter.value();
            }
        }
        if (found == null) {
            throw new Malformed("the parameter " + wanted + " is missing");
        }
        return found;
    }

    private List<Pair> parameters() {
        List<Pair> parameters = new ArrayList<>();
        int at = 0;
        while (at < rest.length()) {
            if (rest.at(at) != ';') {
                throw new Malformed("something other than a semicolon follows a parameter");
            }
            int end = endOfParameter(at + 1);
            Bytes parameter = rest.slice(at + 1, end).trim();
            if (!parameter.isEmpty()) {
                parameters.add(readParameter(parameter));
            }
            at = end;
        }
        return parameters;
    }

    /** The next semicolon outside quotation marks. */
    private int endOfParameter(int start) {
        boolean quoted = false;
        for (int i = start; i < rest.length(); i++) {
            if (rest.at(i) == '"') {
                quoted = !quoted;
            } else if (quoted && rest.at(i) == '\\') {
                i++;
            } else if (!quoted && rest.at(i) == ';') {
                return i;
            }
        }
        return rest.length();
    }

    private static Pair readParameter(Bytes parameter) {
        int equals = parameter.indexOf('=', 0);
        if (equals < 0) {
            throw new Malformed("a parameter without a value");
        }
        Bytes value = parameter.from(equals + 1);
        boolean quoted = !value.isEmpty() && value.at(0) == '"';
        return new Pair(parameter.slice(0, equals), quoted ? unquote(value) : value);
    }

    private static Bytes unquote(Bytes quoted) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int i = 1; i < quoted.length(); i++) {
            int b = quoted.at(i);
            if (b == '"') {
                if (i + 1 < quoted.length()) {
                    break;
                }
                return Bytes.of(plain.toByteArray());
            }
            if (b == '\\' && i + 1 < quoted.length()) {
                b = quoted.at(++i);
            }
            plain.write(b);
        }
        throw new Malformed("a quoted value that does not end where it should");
    }
}

// Percent-encoding (RFC 3986) of bytes, and its strict undoing.
package message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

public final class Percent {
    private static final byte[] DIGITS = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final String UNRESERVED = "-._~";
    private static final String BARE_IN_PATH = UNRESERVED + "!$&'()*+,;=:@/";

    private Percent() {
    }

    /** Encodes all but letters, digits and -._~. */
    public static Bytes encode(Bytes plain) {
        return encode(plain, UNRESERVED);
    }

    /** Encodes what cannot stand bare in the path of a target. */
    public static Bytes encodePath(Bytes plain) {
        return encode(plain, BARE_IN_PATH);
    }

    private static Bytes encode(Bytes plain, String bare) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        for (int i = 0; i < plain.length(); i++) {
            int b = plain.at(i);
            if (isLetterOrDigit(b) || bare.indexOf(b) >= 0) {
                encoded.write(b);
            } else {
                encoded.write('%');
                encoded.write(DIGITS[b >> 4]);
                encoded.write(DIGITS[b & 15]);
            }
        }
        return Bytes.of(encoded.toByteArray());
    }

    /** A plus sign stays one. */
    public static Bytes decode(Bytes encoded) {
        return decode(encoded, '+');
    }

    /** As forms are read: a plus sign is a space. */
    public static Bytes decodeForm(Bytes encoded) {
        return decode(encoded, ' ');
    }

    private static Bytes decode(Bytes encoded, char plus) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int i = 0; i < encoded.length(); i++) {
            int b = encoded.at(i);
            if (b == '+') {
                plain.write(plus);
            } else if (b == '%') {
                plain.write(digit(encoded, i + 1) * 16 + digit(encoded, i + 2));
                i += 2;
            } else {
                plain.write(b);
            }
        }
        return Bytes.of(plain.toByteArray());
    }

    private static int digit(Bytes encoded, int index) {
        int value = index < encoded.length() && encoded.at(index) < 128 ? Character.digit(encoded.at(index), 16) : -1;
        if (value < 0) {
            throw new Malformed("a percent sign without two hexadecimal digits after it");
        }
        return value;
    }

    private static boolean isLetterOrDigit(int b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
    }
}

// An immutable sequence of bytes, with the few operations on it that reading and signing a message needs.
package message;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Messages are bytes and not text: a String between the wire and the hash would change what is not UTF-8. */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] bytes;

    private Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes the array over; the caller must not change it afterwards. */
    public static Bytes of(byte[] bytes) {
        return new Bytes(bytes);
    }

    public static Bytes utf8(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public static Bytes concat(Bytes... parts) {
        return join(EMPTY, Arrays.asList(parts));
    }

    public static Bytes join(Bytes separator, List<Bytes> parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                joined.writeBytes(separator.bytes);
            }
            joined.writeBytes(parts.get(i).bytes);
        }
        return new Bytes(joined.toByteArray());
    }

    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** The byte as a number from 0 to 255. */
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    /** The text of which these are the UTF-8 bytes, or null if there is none. */
    public String textOrNull() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    public Bytes slice(int from, int to) {
        return new Bytes(Arrays.copyOfRange(bytes, from, to));
    }

    public Bytes from(int start) {
        return slice(start, bytes.length);
    }

    /** Where the byte first stands at or after a place, or -1. */
    public int indexOf(char wanted, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Where the bytes first stand at or after a place, or -1. */
    public int indexOf(Bytes wanted, int from) {
        for (int i = from; i <= bytes.length - wanted.bytes.length; i++) {
            if (hasAt(i, wanted)) {
                return i;
            }
        }
        return -1;
    }

    public boolean hasAt(int index, Bytes wanted) {
        int end = index + wanted.bytes.length;
        return end <= bytes.length && Arrays.equals(bytes, index, end, wanted.bytes, 0, wanted.bytes.length);
    }

    public boolean startsWith(Bytes beginning) {
        return hasAt(0, beginning);
    }

    /** The pieces between separators, empty ones included; one piece if there is no separator. */
    public List<Bytes> split(char separator) {
        List<Bytes> pieces = new ArrayList<>();
        int start = 0;
        for (int end = indexOf(separator, 0); end >= 0; end = indexOf(separator, start)) {
            pieces.add(slice(start, end));
            start = end + 1;
        }
        pieces.add(from(start));
        return pieces;
    }

    /** Without the spaces and tabs at both ends. */
    public Bytes trim() {
        int start = 0;
        int end = bytes.length;
        while (start < end && isBlank(bytes[start])) {
            start++;
        }
        while (end > start && isBlank(bytes[end - 1])) {
            end--;
        }
        return slice(start, end);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** ASCII letters made small; every other byte stays. */
    public Bytes lower() {
        byte[] lowered = bytes.clone();
        for (int i = 0; i < lowered.length; i++) {
            if (lowered[i] >= 'A' && lowered[i] <= 'Z') {
                lowered[i] += 'a' - 'A';
            }
        }
        return new Bytes(lowered);
    }

    public boolean equalsIgnoringCase(Bytes other) {
        return bytes.length == other.bytes.length && lower().equals(other.lower());
    }

    /** For secrets and signatures: the time taken does not tell how far the two agree. */
    public boolean equalsInConstantTime(Bytes other) {
        return MessageDigest.isEqual(bytes, other.bytes);
    }

    /** By unsigned bytes, ascending; what begins another comes first. */
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The length only: what is in here may be a secret. */
    @Override
    public String toString() {
        return "Bytes[" + bytes.length + "]";
    }
}

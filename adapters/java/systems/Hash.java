// Hashes, MACs and their text forms, by the Java platform's own classes.
package systems;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import message.Bytes;
import message.Malformed;

final class Hash {
    private static final int SHA256_BLOCK = 64;

    private Hash() {
    }

    static Bytes md5(Bytes data) {
        return digest("MD5", data);
    }

    static Bytes sha256(Bytes data) {
        return digest("SHA-256", data);
    }

    private static Bytes digest(String algorithm, Bytes data) {
        try {
            return Bytes.of(MessageDigest.getInstance(algorithm).digest(data.toArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Bytes hmacSha256(Bytes key, Bytes data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(usable(key), "HmacSHA256"));
            return Bytes.of(mac.doFinal(data.toArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Java refuses an empty key. HMAC fills keys up with zero bytes to a block, so a block of them is the same key. */
    private static byte[] usable(Bytes key) {
        return key.isEmpty() ? new byte[SHA256_BLOCK] : key.toArray();
    }

    /** Small hexadecimal digits. */
    static Bytes hex(Bytes data) {
        return Bytes.utf8(HexFormat.of().formatHex(data.toArray()));
    }

    static Bytes base64(Bytes data) {
        return Bytes.of(Base64.getEncoder().encode(data.toArray()));
    }

    /** Java's decoder takes missing padding and stray bits at the end; encoding again shows them. */
    static Bytes decodeBase64(Bytes encoded) {
        try {
            Bytes decoded = Bytes.of(Base64.getDecoder().decode(encoded.toArray()));
            if (base64(decoded).equals(encoded)) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            // Said below, as every other way in which the text can be wrong.
        }
        throw new Malformed("not Base64 in its one right form");
    }
}

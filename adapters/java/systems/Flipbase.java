// Flipbase: HMAC-SHA256 over verb, URI-encoded path and date.
package systems;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import message.Bytes;
import message.Malformed;
import message.Message;
import message.Percent;

public final class Flipbase implements Operation {
    public static final Scheme SCHEME = new Scheme(
            "flipbase",
            Map.of("request", new Flipbase()),
            Set.of(),
            Set.of("api-key-as-hmac-key", "meant-path", "path-with-query", "lower-case-path", "rfc4868-truncation",
                    "bare-authorization"));

    private static final Bytes LINE_FEED = Bytes.utf8("\n");
    private static final Bytes COLON = Bytes.utf8(":");
    private static final long DEFAULT_SKEW_SECONDS = 900;
    private static final int RFC4868_BYTES = 16;

    @Override
    public Map<String, Bytes> sign(Signing task) {
        Bytes date = Bytes.utf8(Clock.writeMillis(task.time()));
        Map<String, Bytes> stages = derive(task, task.message(), task.account(), date);
        task.message().setHeader("X-Flipbase-Date", date);
        task.message().setHeader("Authorization", stages.get("authorization"));
        return stages;
    }

    @Override
    public Map<String, Bytes> verify(Verification task) {
        Message message = task.message();
        Bytes credentials = Template.after(prefix(task), message.header("Authorization"));
        Template.Halves keyAndSignature = Template.atColon(credentials);
        Bytes date = receivedDate(message);
        Instant signedAt = readDate(date);

        Account account = task.findAccount("api_key", keyAndSignature.first(), Map.of());
        // Whoever knows the key could sign with an empty secret, so such an account authenticates nobody.
        Verification.check(Verification.isPresent(account.get("api_secret")), RejectClass.UNKNOWN_KEY);
        Duration skew = Duration.ofSeconds(task.number("skew", DEFAULT_SKEW_SECONDS));
        Duration difference = Duration.between(signedAt, task.now()).abs();
        Verification.check(difference.compareTo(skew) <= 0, RejectClass.EXPIRED);

        Map<String, Bytes> stages = derive(task, message, account, date);
        Verification.check(
                keyAndSignature.second().equalsInConstantTime(stages.get("signature")), RejectClass.SIGNATURE_MISMATCH);
        return stages;
    }

    /** X-Flipbase-Date wins, whatever stands in it. */
    private static Bytes receivedDate(Message message) {
        Bytes date = message.header("X-Flipbase-Date");
        if (date == null) {
            date = message.header("Date");
        }
        Verification.check(date != null, RejectClass.MISSING_CREDENTIAL);
        return date;
    }

    private static Instant readDate(Bytes date) {
        String text = date.textOrNull();
        if (text == null) {
            throw new Malformed("the date is not text");
        }
        return Clock.readMillisOrHttpDate(text);
    }

    /** The date is signed as the text that is sent, in whichever form it is. */
    private static Map<String, Bytes> derive(Task task, Message message, Account account, Bytes date) {
        Bytes path = Percent.encode(pathToEncode(task, message));
        Bytes stringToSign = Bytes.join(LINE_FEED, List.of(message.method(), path, date));
        String keyName = task.underReading("api-key-as-hmac-key") ? "api_key" : "api_secret";
        Bytes mac = Hash.hmacSha256(account.require(keyName), stringToSign);
        Bytes signature = Hash.base64(task.underReading("rfc4868-truncation") ? mac.slice(0, RFC4868_BYTES) : mac);

        Map<String, Bytes> stages = new LinkedHashMap<>();
        stages.put("string_to_sign", stringToSign);
        stages.put("signature", signature);
        stages.put("authorization",
                Bytes.concat(Bytes.utf8(prefix(task)), account.require("api_key"), COLON, signature));
        return stages;
    }

    /** The path as it is on the wire, so that signer and verifier have the same bytes without decoding anything. */
    private static Bytes pathToEncode(Task task, Message message) {
        if (task.underReading("path-with-query")) {
            return message.target();
        }
        Bytes path = message.rawPath();
        if (task.underReading("meant-path")) {
            return Percent.decode(path);
        }
        return task.underReading("lower-case-path") ? path.lower() : path;
    }

    private static String prefix(Task task) {
        return task.underReading("bare-authorization") ? "" : "Signature ";
    }
}

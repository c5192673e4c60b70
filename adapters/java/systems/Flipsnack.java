// Flipsnack: MD5 over the secret and the sorted parameters of the request.
package systems;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import message.Bytes;
import message.Message;
import message.Pair;
import message.Percent;

public final class Flipsnack implements Operation {
    public static final Scheme SCHEME = new Scheme(
            "flipsnack",
            Map.of("request", new Flipsnack()),
            Set.of("upload"),
            Set.of("caseless-sort", "url-encoded-values", "upper-case-digits"));

    private static final Set<Bytes> NOT_SIGNED = Set.of(Bytes.utf8("signature"), Bytes.utf8("file"));
    private static final Comparator<Pair> BY_NAME = Comparator.comparing(Pair::name);
    private static final Comparator<Pair> BY_NAME_IGNORING_CASE =
            Comparator.comparing((Pair pair) -> pair.name().lower()).thenComparing(BY_NAME);

    // The codes stand on other pages of the vendor, except for 44.
    private static final Map<String, String> MISSING_PARAMETER = Map.of("code", "30");
    private static final Map<String, String> WRONG_METHOD = Map.of("code", "40");
    private static final Map<String, String> BAD_KEY = Map.of("code", "41");
    private static final Map<String, String> BAD_SIGNATURE = Map.of("code", "44", "message", "Invalid signature");

    @Override
    public Map<String, Bytes> sign(Signing task) {
        task.message().setQuery("apiKey", task.account().require("api_key"));
        Map<String, Bytes> stages = derive(task, task.message(), task.account().require("secret"));
        task.message().setQuery("signature", stages.get("signature"));
        return stages;
    }

    @Override
    public Map<String, Bytes> verify(Verification task) {
        Message message = task.message();
        Bytes method = Bytes.utf8(task.inVariant("upload") ? "POST" : "GET");
        Verification.check(message.method().equals(method), RejectClass.WRONG_METHOD, WRONG_METHOD);

        List<Pair> query = message.query();
        Bytes apiKey = Message.onlyValue(query, "apiKey");
        Verification.check(Verification.isPresent(apiKey), RejectClass.MISSING_CREDENTIAL, MISSING_PARAMETER);
        Bytes signature = Message.onlyValue(query, "signature");
        Verification.check(Verification.isPresent(signature), RejectClass.MISSING_CREDENTIAL, MISSING_PARAMETER);

        Account account = task.findAccount("api_key", apiKey, BAD_KEY);
        Bytes secret = account.get("secret");
        // Whoever knows the key could sign with an empty secret, so such an account authenticates nobody.
        Verification.check(Verification.isPresent(secret), RejectClass.UNKNOWN_KEY, BAD_KEY);

        Map<String, Bytes> stages = derive(task, message, secret);
        Bytes received = task.underReading("upper-case-digits") ? signature.lower() : signature;
        Verification.check(
                received.equalsInConstantTime(stages.get("signature")), RejectClass.SIGNATURE_MISMATCH, BAD_SIGNATURE);
        return stages;
    }

    private static Map<String, Bytes> derive(Task task, Message message, Bytes secret) {
        Bytes parameters = canonicalQuery(task, message);
        Bytes stringToSign = Bytes.concat(secret, parameters);
        Map<String, Bytes> stages = new LinkedHashMap<>();
        stages.put("canonical_query", parameters);
        stages.put("string_to_sign", stringToSign);
        stages.put("signature", Hash.hex(Hash.md5(stringToSign)));
        return stages;
    }

    /** Names and values as they are meant, without anything between them. */
    private static Bytes canonicalQuery(Task task, Message message) {
        List<Pair> parameters = new ArrayList<>(message.query());
        parameters.addAll(message.form());
        parameters.addAll(message.multipart());
        parameters.removeIf(parameter -> NOT_SIGNED.contains(parameter.name()));
        // The sort is stable: parameters of one name stay in the order in which they are sent.
        parameters.sort(task.underReading("caseless-sort") ? BY_NAME_IGNORING_CASE : BY_NAME);

        boolean encoded = task.underReading("url-encoded-values");
        List<Bytes> parts = new ArrayList<>();
        for (Pair parameter : parameters) {
            parts.add(encoded ? Percent.encode(parameter.name()) : parameter.name());
            parts.add(encoded ? Percent.encode(parameter.valueOrEmpty()) : parameter.valueOrEmpty());
        }
        return Bytes.join(Bytes.EMPTY, parts);
    }
}

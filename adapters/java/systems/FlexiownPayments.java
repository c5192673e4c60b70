// Flexiown Payments: a key in a header, trust seed and value in the payload, and a trust signature in answers.
package systems;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import message.Bytes;
import message.JsonBody;

public final class FlexiownPayments {
    public static final Scheme SCHEME = new Scheme(
            "flexiown-payments",
            Map.of("request", new Request(), "response", new Response()),
            Set.of(),
            Set.of());

    private FlexiownPayments() {
    }

    /** As the vendor's published plugin has it: the value comes first, and no secret enters. */
    private static Map<String, Bytes> derive(Bytes trustValue, Bytes trustSeed) {
        return Map.of("trust_signature", Hash.hex(Hash.sha256(Bytes.concat(trustValue, trustSeed))));
    }

    private static final class Request implements Operation {
        private static final long DEFAULT_LIMIT = 60;
        private static final Duration MINUTE = Duration.ofSeconds(60);
        private static final Bytes VALID = Bytes.utf8("valid");

        @Override
        public Map<String, Bytes> sign(Signing task) {
            Bytes seed = task.requiredParameter("trust_seed");
            Bytes value = task.requiredParameter("trust_value");
            task.message().addJson("trust_seed", seed);
            task.message().addJson("trust_value", value);
            task.message().setHeader("api-key", task.account().require("api_key"));
            return derive(value, seed);
        }

        @Override
        public Map<String, Bytes> verify(Verification task) {
            Bytes apiKey = checkKey(task);
            JsonBody payload = JsonBody.read(task.message().body());
            Bytes payment = payload.text("payment_id");
            Verification.check(Verification.isPresent(payment), RejectClass.MALFORMED);
            Bytes seed = payload.text("trust_seed");
            Verification.check(Verification.isPresent(seed), RejectClass.MISSING_CREDENTIAL);
            Bytes value = payload.text("trust_value");
            Verification.check(Verification.isPresent(value), RejectClass.MISSING_CREDENTIAL);

            State.Bound bound = task.state().bound(payment);
            if (bound != null) {
                Verification.check(bound.seed().equalsInConstantTime(seed), RejectClass.VALUE_MISMATCH);
                Verification.check(bound.value().equalsInConstantTime(value), RejectClass.VALUE_MISMATCH);
            }

            // Only from here on is the message accepted; a refused one must leave nothing behind.
            task.state().bindOnce(payment, new State.Bound(seed, value));
            task.state().rememberAccepted(apiKey, task.now());
            return derive(value, seed);
        }

        /** The key must be known, valid, and below its limit. */
        private static Bytes checkKey(Verification task) {
            Bytes apiKey = task.message().header("api-key");
            Verification.check(Verification.isPresent(apiKey), RejectClass.MISSING_CREDENTIAL);
            Account account = task.findAccount("api_key", apiKey, Map.of());
            Bytes status = account.get("status");
            Verification.check(status == null || status.equals(VALID), RejectClass.REVOKED_KEY);
            Verification.check(
                    task.state().acceptedWithin(apiKey, MINUTE, task.now()) < task.number("limit", DEFAULT_LIMIT),
                    RejectClass.RATE_LIMITED,
                    Map.of("status", "429", "message", "Too Many Requests"));
            return apiKey;
        }
    }

    /** The client has stored seed and value of the payment, and checks an answer by them. */
    private static final class Response implements Operation {
        @Override
        public Map<String, Bytes> sign(Signing task) {
            Map<String, Bytes> stages = deriveFromStored(task);
            task.message().addJson("trust_signature", stages.get("trust_signature"));
            return stages;
        }

        @Override
        public Map<String, Bytes> verify(Verification task) {
            Bytes received = JsonBody.read(task.message().body()).text("trust_signature");
            Verification.check(Verification.isPresent(received), RejectClass.MISSING_CREDENTIAL);
            Map<String, Bytes> stages = deriveFromStored(task);
            Verification.check(
                    received.equalsInConstantTime(stages.get("trust_signature")), RejectClass.SIGNATURE_MISMATCH);
            return stages;
        }

        private static Map<String, Bytes> deriveFromStored(Task task) {
            return derive(task.requiredParameter("trust_value"), task.requiredParameter("trust_seed"));
        }
    }
}

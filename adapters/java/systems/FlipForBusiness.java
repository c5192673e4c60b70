// Flip for Business: a Basic credential on requests, and a validation token in callbacks.
package systems;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import message.Bytes;
import message.Message;
import message.Pair;

public final class FlipForBusiness {
    public static final Scheme SCHEME = new Scheme(
            "flip-for-business",
            Map.of("request", new Request(), "callback", new Callback()),
            Set.of("production", "source-addresses"),
            Set.of("without-colon", "last-token"));

    private FlipForBusiness() {
    }

    private static final class Request implements Operation {
        private static final Bytes SANDBOX = Bytes.utf8("https://bigflip.id/big_sandbox_api");
        private static final Bytes PRODUCTION = Bytes.utf8("https://bigflip.id/api/");
        private static final Bytes SLASH = Bytes.utf8("/");
        private static final Bytes COLON = Bytes.utf8(":");

        @Override
        public Map<String, String> everyRefusal() {
            return Map.of("status", "401");
        }

        @Override
        public Map<String, Bytes> sign(Signing task) {
            Map<String, Bytes> stages = derive(task, task.account());
            task.message().setHeader("Authorization", stages.get("authorization"));
            return stages;
        }

        @Override
        public Map<String, Bytes> verify(Verification task) {
            Message message = task.message();
            Bytes encoded = Template.afterIgnoringCase("Basic ", message.header("Authorization"));
            Template.Halves userAndPassword = userAndPassword(task, Hash.decodeBase64(encoded));
            Bytes secret = userAndPassword.first();
            Verification.check(Verification.isPresent(secret), RejectClass.MISSING_CREDENTIAL);
            Account account = task.findAccount("secret", secret, Map.of());
            Verification.check(userAndPassword.second().isEmpty(), RejectClass.MALFORMED);

            Bytes environment = Bytes.utf8(task.inVariant("production") ? "production" : "sandbox");
            Verification.check(environment.equals(account.get("environment")), RejectClass.WRONG_ENVIRONMENT);
            Verification.check(isUnder(message.url(), baseUrl(task)), RejectClass.WRONG_ENVIRONMENT);
            if (task.inVariant("production")) {
                Verification.check(
                        account.lists("allowed_addresses", task.clientAddress()),
                        RejectClass.ADDRESS_NOT_ALLOWED,
                        Map.of("message", "IP is not Whitelisted"));
            }
            return derive(task, account);
        }

        private static Template.Halves userAndPassword(Task task, Bytes decoded) {
            return task.underReading("without-colon")
                    ? new Template.Halves(decoded, Bytes.EMPTY)
                    : Template.atColon(decoded);
        }

        private static Map<String, Bytes> derive(Task task, Account account) {
            Bytes secret = account.require("secret");
            Bytes credentials =
                    Hash.base64(task.underReading("without-colon") ? secret : Bytes.concat(secret, COLON));
            Map<String, Bytes> stages = new LinkedHashMap<>();
            stages.put("base_url", baseUrl(task));
            stages.put("credentials", credentials);
            stages.put("authorization", Bytes.concat(Bytes.utf8("Basic "), credentials));
            return stages;
        }

        private static Bytes baseUrl(Task task) {
            return task.inVariant("production") ? PRODUCTION : SANDBOX;
        }

        /** One base URL ends in a slash and the other does not, so that a plain prefix would take too much. */
        private static boolean isUnder(Bytes url, Bytes base) {
            if (url == null || !url.startsWith(base)) {
                return false;
            }
            boolean endsInSlash = base.hasAt(base.length() - 1, SLASH);
            return endsInSlash || url.length() == base.length() || url.hasAt(base.length(), SLASH);
        }
    }

    private static final class Callback implements Operation {
        private static final Set<String> SOURCE_ADDRESSES = Set.of(
                "149.129.234.86",
                "149.129.218.31",
                "34.101.204.31",
                "34.101.114.113",
                "34.101.63.196",
                "34.101.161.100",
                "34.101.232.118",
                "34.101.212.103");

        @Override
        public Map<String, String> everyRefusal() {
            return Map.of("reply", "disregard");
        }

        @Override
        public Map<String, Bytes> sign(Signing task) {
            Bytes token = task.account().require("validation_token");
            task.message().setForm("token", token);
            return Map.of("token", token);
        }

        @Override
        public Map<String, Bytes> verify(Verification task) {
            if (task.inVariant("source-addresses")) {
                String address = task.clientAddress();
                Verification.check(
                        address != null && SOURCE_ADDRESSES.contains(address), RejectClass.ADDRESS_NOT_ALLOWED);
            }
            List<Pair> form = task.message().form();
            Verification.check(Verification.isPresent(Message.onlyValue(form, "data")), RejectClass.MALFORMED);
            Bytes token = task.underReading("last-token") ? lastValue(form, "token") : Message.onlyValue(form, "token");
            // Before it is compared: an empty token would equal that of a merchant who has not set one.
            Verification.check(Verification.isPresent(token), RejectClass.MISSING_CREDENTIAL);
            Account own = task.ownAccount();
            Verification.check(own.has("validation_token", token), RejectClass.WRONG_TOKEN);
            return Map.of("token", own.get("validation_token"));
        }

        private static Bytes lastValue(List<Pair> fields, String name) {
            Bytes wanted = Bytes.utf8(name);
            Bytes last = null;
            for (Pair field : fields) {
                if (field.name().equals(wanted)) {
                    last = field.valueOrEmpty();
                }
            }
            return last;
        }
    }
}

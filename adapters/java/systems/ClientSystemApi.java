// The client-system API, whose vendor its document does not name: header profile and bearer tokens.
package systems;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import message.Bytes;
import message.Malformed;
import message.Message;

/** The three operations differ in nothing but the token that they are authorized by. */
public final class ClientSystemApi implements Operation {
    public static final Scheme SCHEME = new Scheme(
            "client-system-api",
            Map.of(
                    "request", new ClientSystemApi("access_token", true),
                    "refresh-access-token", new ClientSystemApi("refresh_token", false),
                    "renew-refresh-token", new ClientSystemApi("user_token", false)),
            Set.of("user-data"),
            Set.of("unknown-language-passes"));

    private static final Set<Bytes> LANGUAGES = Set.of(Bytes.utf8("id"), Bytes.utf8("en"));
    private static final Bytes DEFAULT_LANGUAGE = Bytes.utf8("id");

    private final String tokenName;
    private final boolean servesUserData;

    private ClientSystemApi(String tokenName, boolean servesUserData) {
        this.tokenName = tokenName;
        this.servesUserData = servesUserData;
    }

    @Override
    public Map<String, Bytes> sign(Signing task) {
        Message message = task.message();
        Account account = task.account();
        message.setHeader("x-app-key", account.require("app_key"));
        message.setHeader("x-request-id", task.nonce());
        if (wantsUserToken(task)) {
            message.setHeader("x-user-token", account.require("user_token"));
        }
        if (task.parameter("language") != null) {
            message.setHeader("x-language", task.parameter("language"));
        }
        Map<String, Bytes> stages = derive(language(message), account);
        message.setHeader("Authorization", stages.get("authorization"));
        return stages;
    }

    @Override
    public Map<String, Bytes> verify(Verification task) {
        Message message = task.message();
        Bytes token = Template.afterIgnoringCase("Bearer ", message.header("Authorization"));
        Bytes appKey = message.header("x-app-key");
        Verification.check(Verification.isPresent(appKey), RejectClass.MISSING_CREDENTIAL);
        Account account = task.findAccount("app_key", appKey, Map.of());
        Bytes requestId = message.header("x-request-id");
        Verification.check(Verification.isPresent(requestId), RejectClass.MALFORMED);
        if (!task.underReading("unknown-language-passes")) {
            Verification.check(LANGUAGES.contains(language(message)), RejectClass.MALFORMED);
        }

        Verification.check(Verification.isPresent(token), RejectClass.MISSING_CREDENTIAL);
        Verification.check(account.has(tokenName, token), RejectClass.WRONG_TOKEN);
        if (wantsUserToken(task)) {
            Bytes userToken = message.header("x-user-token");
            Verification.check(Verification.isPresent(userToken), RejectClass.MISSING_CREDENTIAL);
            Verification.check(account.has("user_token", userToken), RejectClass.WRONG_TOKEN);
        }
        Verification.check(!task.state().knowsId(requestId), RejectClass.REPLAYED);

        Map<String, Bytes> stages = derive(languageIfReadable(task, message), account);
        // Last of all: a refused message must leave its id free.
        task.state().rememberId(requestId);
        return stages;
    }

    private boolean wantsUserToken(Task task) {
        return servesUserData && task.inVariant("user-data");
    }

    private static Bytes language(Message message) {
        Bytes language = message.header("x-language");
        return language == null ? DEFAULT_LANGUAGE : language;
    }

    /** Where any language passes, two lines do as well; there is then no one language, and null is returned. */
    private static Bytes languageIfReadable(Task task, Message message) {
        try {
            return language(message);
        } catch (Malformed twoLines) {
            if (task.underReading("unknown-language-passes")) {
                return null;
            }
            throw twoLines;
        }
    }

    private Map<String, Bytes> derive(Bytes language, Account account) {
        Map<String, Bytes> stages = new LinkedHashMap<>();
        if (language != null) {
            stages.put("language", language);
        }
        stages.put("authorization", Bytes.concat(Bytes.utf8("Bearer "), account.require(tokenName)));
        return stages;
    }
}

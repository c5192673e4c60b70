// Turns the `given` of a message or a vector, which is JSON, into what the systems work on; and bytes back into JSON.

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import message.Bytes;
import message.Message;
import message.Pair;
import systems.Account;
import systems.Clock;
import systems.Signing;
import systems.State;
import systems.Verification;

final class Given {
    private Given() {
    }

    static Signing signing(Map<String, Object> given, String variant, String reading) {
        Object time = given.get("time");
        Object nonce = given.get("nonce");
        return new Signing(
                messageToSign(object(given, "request")),
                account(object(given, "account")),
                parameters(given),
                time == null ? null : Clock.read(text(time, "time")),
                nonce == null ? null : bytes(nonce),
                variant,
                reading);
    }

    /** One task a message; they share the accounts, and a state that is empty at the first. */
    static List<Verification> verifications(Map<String, Object> given, String variant, String reading) {
        List<Account> accounts = new ArrayList<>();
        for (Object account : list(given.get("accounts"), "accounts")) {
            accounts.add(account(object(account, "an account")));
        }
        Map<String, Bytes> parameters = parameters(given);
        State state = new State();
        List<Verification> tasks = new ArrayList<>();
        for (Object item : list(given.get("messages"), "messages")) {
            Map<String, Object> message = object(item, "a message");
            Object now = message.get("now");
            Object address = message.get("client_address");
            tasks.add(new Verification(
                    messageReceived(object(message, "request")),
                    accounts,
                    parameters,
                    now == null ? null : Clock.read(text(now, "now")),
                    address == null ? null : text(address, "client_address"),
                    state,
                    variant,
                    reading));
        }
        return tasks;
    }

    private static Message messageToSign(Map<String, Object> request) {
        List<Pair> headers = pairs(request.get("headers"));
        if (headers.stream().noneMatch(header -> header.name().equalsIgnoringCase(Bytes.utf8("Host")))) {
            headers.add(0, new Pair(Bytes.utf8("Host"), bytes(request, "host")));
        }
        Bytes target = request.get("target") == null
                ? Message.target(bytes(request, "path"), pairs(request.get("query")))
                : bytes(request, "target");
        return message(request, target, headers);
    }

    private static Message messageReceived(Map<String, Object> request) {
        return message(request, bytes(request, "target"), pairs(request.get("headers")));
    }

    private static Message message(Map<String, Object> request, Bytes target, List<Pair> headers) {
        Object scheme = request.get("scheme");
        Object body = request.get("body");
        return new Message(
                bytes(request, "method"),
                scheme == null ? Bytes.utf8("https") : bytes(scheme),
                target,
                headers,
                body == null ? Bytes.EMPTY : bytes(body));
    }

    /** Credentials are bytes; a list (of addresses) stays text. */
    private static Account account(Map<String, Object> given) {
        Map<String, Bytes> values = new LinkedHashMap<>();
        Map<String, List<String>> lists = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            if (value instanceof List<?> items) {
                lists.put(name, items.stream().map(item -> text(item, name)).toList());
            } else if (value != null) {
                values.put(name, bytes(value));
            }
        });
        return new Account(values, lists);
    }

    private static Map<String, Bytes> parameters(Map<String, Object> given) {
        Map<String, Bytes> parameters = new LinkedHashMap<>();
        if (given.get("parameters") != null) {
            object(given, "parameters").forEach((name, value) -> {
                if (value != null) {
                    parameters.put(name, bytes(value));
                }
            });
        }
        return parameters;
    }

    private static List<Pair> pairs(Object value) {
        List<Pair> pairs = new ArrayList<>();
        if (value != null) {
            for (Object item : list(value, "a list of pairs")) {
                List<Object> parts = list(item, "a pair");
                if (parts.isEmpty() || parts.size() > 2) {
                    throw new IllegalArgumentException("a pair has one part or two");
                }
                pairs.add(new Pair(bytes(parts.get(0)), parts.size() == 1 ? null : bytes(parts.get(1))));
            }
        }
        return pairs;
    }

    /** A string stands for its UTF-8 bytes, {@code {"hex": "ff00"}} for bytes of any kind. */
    static Bytes bytes(Object value) {
        if (value instanceof String text) {
            return Bytes.utf8(text);
        }
        if (value instanceof Map<?, ?> map && map.size() == 1 && map.get("hex") instanceof String digits) {
            return Bytes.of(HexFormat.of().parseHex(digits));
        }
        // The value is not quoted: it may be a secret.
        throw new IllegalArgumentException("a value is neither a string nor an object with hex digits");
    }

    private static Bytes bytes(Map<String, Object> object, String name) {
        if (object.get(name) == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return bytes(object.get(name));
    }

    /** The way back: a string where the bytes are UTF-8, hexadecimal digits where they are not. */
    static Object json(Bytes bytes) {
        String text = bytes.textOrNull();
        return text != null ? text : Map.of("hex", HexFormat.of().formatHex(bytes.toArray()));
    }

    static String text(Object value, String what) {
        if (value instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(what + (value == null ? " is missing" : " is not a string"));
    }

    static Map<String, Object> object(Map<String, Object> parent, String name) {
        return object(parent.get(name), name);
    }

    @SuppressWarnings("unchecked") // The names of an object that JsonReader made are strings.
    static Map<String, Object> object(Object value, String what) {
        if (value instanceof Map<?, ?>) {
            return (Map<String, Object>) value;
        }
        throw new IllegalArgumentException(what + (value == null ? " is missing" : " is not an object"));
    }

    @SuppressWarnings("unchecked") // A list of anything is a list of objects.
    static List<Object> list(Object value, String what) {
        if (value instanceof List<?>) {
            return (List<Object>) value;
        }
        throw new IllegalArgumentException(what + (value == null ? " is missing" : " is not a list"));
    }
}

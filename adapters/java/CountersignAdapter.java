// An example adapter: five systems behind the adapter protocol, version 1 (JSON lines on standard input and output).

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import json.JsonNumber;
import json.JsonReader;
import json.JsonWriter;
import message.Bytes;
import message.Message;
import message.Pair;
import systems.Operation;
import systems.Outcome;
import systems.Scheme;
import systems.Schemes;
import systems.Signing;
import systems.Verification;

public final class CountersignAdapter {
    private static final List<String> CAPABILITIES =
            List.of("time", "credentials", "state", "client-address", "readings");

    private CountersignAdapter() {
    }

    /** The message asks for something that this adapter does not implement. */
    private static final class NotSupported extends RuntimeException {
        NotSupported(String what) {
            super("no support for " + what, null, false, false);
        }
    }

    public static void main(String[] args) throws IOException {
        // Standard output itself and not System.out, which swallows errors and knows a character set.
        try (InputStream in = new FileInputStream(FileDescriptor.in);
                OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
            answerAll(in, out);
        }
    }

    private static void answerAll(InputStream in, OutputStream out) throws IOException {
        LineReader lines = new LineReader(in, out::flush);
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            if (isBlank(line)) {
                continue;
            }
            Map<String, Object> reply = new LinkedHashMap<>();
            reply.put("seq", null);
            try {
                Map<String, Object> call = Given.object(JsonReader.read(line), "a message");
                reply.put("seq", call.get("seq"));
                if ("stop".equals(call.get("op"))) {
                    return;
                }
                reply.putAll(answer(call));
            } catch (NotSupported reason) {
                reply.put("skipped", reason.getMessage());
            } catch (RuntimeException error) {
                // Whatever goes wrong in one message must not end the run.
                reply.put("error", error.getMessage() == null ? error.toString() : error.getMessage());
            }
            out.write((JsonWriter.write(reply) + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Object> answer(Map<String, Object> call) {
        String op = Given.text(call.get("op"), "op");
        return switch (op) {
            case "start" -> answerStart(call);
            case "sign" -> answerSign(call);
            case "verify" -> answerVerify(call);
            default -> throw new NotSupported("op " + op);
        };
    }

    private static Map<String, Object> answerStart(Map<String, Object> call) {
        if (!new JsonNumber("1").equals(call.get("protocol"))) {
            throw new IllegalArgumentException("this adapter speaks version 1 of the protocol only");
        }
        Map<String, Object> schemes = new LinkedHashMap<>();
        for (Scheme scheme : Schemes.ALL) {
            schemes.put(scheme.name(), List.of("sign", "verify"));
        }
        Map<String, Object> hello = new LinkedHashMap<>();
        hello.put("name", "countersign-java-example");
        hello.put("version", "1.0");
        hello.put("language", "java");
        hello.put("schemes", schemes);
        hello.put("capabilities", CAPABILITIES);
        return hello;
    }

    private static Map<String, Object> answerSign(Map<String, Object> call) {
        Operation operation = findOperation(call);
        Signing task = Given.signing(
                Given.object(call, "given"), (String) call.get("variant"), (String) call.get("reading"));
        Map<String, Bytes> stages = operation.sign(task);
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("stages", stagesAsJson(stages));
        reply.put("signed_request", messageAsJson(task.message()));
        return reply;
    }

    private static Map<String, Object> answerVerify(Map<String, Object> call) {
        Operation operation = findOperation(call);
        List<Object> results = new ArrayList<>();
        for (Verification task : Given.verifications(
                Given.object(call, "given"), (String) call.get("variant"), (String) call.get("reading"))) {
            results.add(outcomeAsJson(operation.judge(task)));
        }
        return Map.of("results", results);
    }

    /** The operation that a message names, if its variant and reading are known as well. */
    private static Operation findOperation(Map<String, Object> call) {
        String schemeName = Given.text(call.get("scheme"), "scheme");
        Scheme scheme = Schemes.find(schemeName);
        if (scheme == null) {
            throw new NotSupported("scheme " + schemeName);
        }
        String operationName = Given.text(call.get("operation"), "operation");
        Operation operation = scheme.operations().get(operationName);
        if (operation == null) {
            throw new NotSupported("operation " + operationName);
        }
        Object variant = call.get("variant");
        if (variant != null && !scheme.variants().contains(Given.text(variant, "variant"))) {
            throw new NotSupported("variant " + variant);
        }
        Object reading = call.get("reading");
        if (reading != null && !scheme.readings().contains(Given.text(reading, "reading"))) {
            throw new NotSupported("reading " + reading);
        }
        return operation;
    }

    private static Map<String, Object> outcomeAsJson(Outcome outcome) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("accept", outcome.accepted());
        if (outcome.accepted()) {
            result.put("stages", stagesAsJson(outcome.stages()));
        } else {
            result.put("class", outcome.rejectClass().wireName());
            result.putAll(outcome.details());
        }
        return result;
    }

    private static Map<String, Object> stagesAsJson(Map<String, Bytes> stages) {
        Map<String, Object> json = new LinkedHashMap<>();
        stages.forEach((name, value) -> json.put(name, Given.json(value)));
        return json;
    }

    private static Map<String, Object> messageAsJson(Message message) {
        List<Object> headers = new ArrayList<>();
        for (Pair header : message.headers()) {
            headers.add(List.of(Given.json(header.name()), Given.json(header.valueOrEmpty())));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("method", Given.json(message.method()));
        json.put("scheme", Given.json(message.scheme()));
        json.put("target", Given.json(message.target()));
        json.put("headers", headers);
        json.put("body", Given.json(message.body()));
        return json;
    }
}

// Tests the five systems against the JSON corpus, read directly and without the runner: one test a vector and reading.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import json.JsonNumber;
import json.JsonReader;
import message.Bytes;
import message.Message;
import message.Pair;
import systems.Operation;
import systems.Outcome;
import systems.Scheme;
import systems.Schemes;
import systems.Signing;
import systems.Verification;

/** Run with -v to see the name of every test. */
public final class VectorsTest {
    private final Path folder;
    private final boolean verbose;
    private int passed;
    private int failed;

    private VectorsTest(Path folder, boolean verbose) {
        this.folder = folder;
        this.verbose = verbose;
    }

    private interface Test {
        void run() throws IOException;
    }

    public static void main(String[] args) {
        String folder = System.getenv().getOrDefault("COUNTERSIGN_VECTORS", "../../vectors/json");
        VectorsTest tests = new VectorsTest(Path.of(folder), List.of(args).contains("-v"));
        for (Scheme scheme : Schemes.ALL) {
            tests.testCorpus(scheme);
        }
        System.out.println(tests.passed + " passed, " + tests.failed + " failed");
        System.exit(tests.failed == 0 && tests.passed > 0 ? 0 : 1);
    }

    /** All failures are reported: one bad case does not stop the others. */
    private void test(String name, Test test) {
        try {
            test.run();
            passed++;
            if (verbose) {
                System.out.println("ok " + name);
            }
        } catch (AssertionError | IOException | RuntimeException problem) {
            failed++;
            System.out.println("FAILED " + name + ": " + problem);
        }
    }

    private void testCorpus(Scheme scheme) {
        Map<String, Object> corpus = new LinkedHashMap<>();
        test(scheme.name() + " (the file)", () -> {
            byte[] file = Files.readAllBytes(folder.resolve(scheme.name() + ".json"));
            corpus.putAll(Given.object(JsonReader.read(file), "the corpus"));
            check(new JsonNumber("2").equals(corpus.get("format")), "the format is " + corpus.get("format"));
            check(!Given.text(corpus.get("corpus"), "the corpus' version").isEmpty(), "the version stamp is empty");
            check(scheme.name().equals(corpus.get("scheme")), "the file is of another scheme");
            check(!Given.list(corpus.get("vectors"), "vectors").isEmpty(), "no vectors were found");
            Set<String> readings = Given.object(corpus, "readings").keySet();
            check(scheme.readings().equals(readings), "the readings are " + readings);
        });
        if (corpus.get("vectors") instanceof List<?> vectors) {
            for (Object vector : vectors) {
                testVector(scheme, Given.object(vector, "a vector"));
            }
        }
    }

    private void testVector(Scheme scheme, Map<String, Object> vector) {
        String name = Given.text(vector.get("name"), "name");
        Map<String, Object> given = Given.object(vector, "given");
        Map<String, Object> expect = Given.object(vector, "expect");
        test(name, () -> run(scheme, given, null, expect));
        for (String reading : new TreeSet<>(scheme.readings())) {
            test(name + " (" + reading + ")", () -> run(scheme, given, reading, expectedUnder(reading, expect)));
        }
    }

    /** The vector's own expectation, with the parts in which the reading differs in their place. */
    private static Map<String, Object> expectedUnder(String reading, Map<String, Object> expect) {
        Object readings = expect.get("readings");
        Object difference = readings == null ? null : Given.object(readings, "readings").get(reading);
        return difference == null ? expect : overlay(expect, Given.object(difference, reading));
    }

    private static Map<String, Object> overlay(Map<String, Object> below, Map<String, Object> above) {
        Map<String, Object> merged = new LinkedHashMap<>(below);
        above.forEach((name, value) -> merged.put(name,
                value instanceof Map<?, ?> && merged.get(name) instanceof Map<?, ?>
                        ? overlay(Given.object(merged, name), Given.object(value, name))
                        : value));
        return merged;
    }

    private static void run(Scheme scheme, Map<String, Object> given, String reading, Map<String, Object> expect) {
        Operation operation = scheme.operations().get(Given.text(given.get("operation"), "operation"));
        String variant = (String) given.get("variant");
        if (given.containsKey("sign")) {
            Signing task = Given.signing(Given.object(given, "sign"), variant, reading);
            Map<String, Bytes> stages = operation.sign(task);
            checkStages(expect.get("stages"), stages);
            checkMessage(expect.get("signed_request"), task.message());
        } else {
            List<Outcome> outcomes = new ArrayList<>();
            for (Verification task : Given.verifications(Given.object(given, "verify"), variant, reading)) {
                outcomes.add(operation.judge(task));
            }
            checkOutcomes(Given.list(expect.get("results"), "results"), outcomes);
        }
    }

    private static void checkStages(Object expected, Map<String, Bytes> stages) {
        if (expected != null) {
            Given.object(expected, "stages").forEach((name, value) ->
                    checkEqual("stage " + name, Given.bytes(value), stages.get(name)));
        }
    }

    private static void checkMessage(Object expected, Message message) {
        if (expected == null) {
            return;
        }
        Given.object(expected, "signed_request").forEach((part, value) -> {
            switch (part) {
                case "url" -> checkEqual(part, Given.bytes(value), message.url());
                case "target" -> checkEqual(part, Given.bytes(value), message.target());
                case "body" -> checkEqual(part, Given.bytes(value), message.body());
                case "headers" -> Given.list(value, part).forEach(header -> checkHeader(header, message));
                default -> throw new AssertionError("the corpus expects an unknown part, " + part);
            }
        });
    }

    /** Each header field is there exactly once. */
    private static void checkHeader(Object expected, Message message) {
        List<Object> pair = Given.list(expected, "a header");
        Bytes name = Given.bytes(pair.get(0));
        List<Pair> lines = message.headers().stream().filter(line -> line.name().equalsIgnoringCase(name)).toList();
        check(lines.size() == 1, "there are " + lines.size() + " lines " + pair.get(0));
        checkEqual("header " + pair.get(0), Given.bytes(pair.get(1)), lines.get(0).value());
    }

    private static void checkOutcomes(List<Object> expected, List<Outcome> outcomes) {
        check(expected.size() == outcomes.size(), "another number of results");
        for (int i = 0; i < outcomes.size(); i++) {
            checkOutcome("message " + (i + 1), Given.object(expected.get(i), "a result"), outcomes.get(i));
        }
    }

    private static void checkOutcome(String message, Map<String, Object> expected, Outcome outcome) {
        String found = outcome.accepted() ? "accept" : "reject " + outcome.rejectClass().wireName();
        String wanted = "accept".equals(expected.get("outcome")) ? "accept" : "reject " + expected.get("class");
        check(found.equals(wanted), message + ": expected " + wanted + ", found " + found);
        checkStages(expected.get("stages"), outcome.stages());
        for (String detail : List.of("status", "code", "message", "reply")) {
            if (expected.containsKey(detail) && outcome.details().containsKey(detail)) {
                check(expected.get(detail).equals(outcome.details().get(detail)),
                        message + ": " + detail + " is " + outcome.details().get(detail));
            }
        }
    }

    private static void checkEqual(String what, Bytes expected, Bytes found) {
        check(expected.equals(found), what + ": expected " + shown(expected) + ", found " + shown(found));
    }

    private static Object shown(Bytes value) {
        return value == null ? "nothing" : Given.json(value);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}

// Takes apart a text that begins with fixed words and has two parts, as the Authorization header has.
package systems;

import message.Bytes;
import message.Malformed;

final class Template {
    private Template() {
    }

    /** What follows the words; an absent text is a missing credential, other words are malformed. */
    static Bytes after(String words, Bytes text) {
        return after(text, text != null && text.startsWith(Bytes.utf8(words)), words);
    }

    static Bytes afterIgnoringCase(String words, Bytes text) {
        boolean fits = text != null && text.lower().startsWith(Bytes.utf8(words).lower());
        return after(text, fits, words);
    }

    private static Bytes after(Bytes text, boolean fits, String words) {
        Verification.check(text != null, RejectClass.MISSING_CREDENTIAL);
        if (!fits) {
            throw new Malformed("the text does not begin with " + words);
        }
        return text.from(words.length());
    }

    /** What stands before and after the first colon. */
    static Halves atColon(Bytes text) {
        int colon = text.indexOf(':', 0);
        if (colon < 0) {
            throw new Malformed("the colon is missing");
        }
        return new Halves(text.slice(0, colon), text.from(colon + 1));
    }

    record Halves(Bytes first, Bytes second) {
    }
}

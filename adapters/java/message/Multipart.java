// Reads a multipart/form-data body (RFC 7578, RFC 2046 section 5.1.1) into pairs.
package message;

import java.util.ArrayList;
import java.util.List;

final class Multipart {
    private static final Bytes LINE_END = Bytes.utf8("\r\n");
    private static final Bytes DASHES = Bytes.utf8("--");
    private static final Bytes HEADER_END = Bytes.utf8("\r\n\r\n");
    private static final Bytes DISPOSITION = Bytes.utf8("Content-Disposition");

    private final Bytes body;
    private final Bytes delimiter;
    private int at;

    /** The body is read as if a line ended before it, since the first delimiter may stand at its very beginning. */
    private Multipart(Bytes body, Bytes boundary) {
        this.body = Bytes.concat(LINE_END, body);
        this.delimiter = Bytes.concat(LINE_END, DASHES, boundary);
    }

    static List<Pair> read(Bytes body, Bytes boundary) {
        Multipart multipart = new Multipart(body, boundary);
        List<Pair> fields = new ArrayList<>();
        multipart.contentUpToDelimiter();
        while (!multipart.atClosingDelimiter()) {
            multipart.at = multipart.afterBlanks(multipart.at);
            fields.add(readPart(multipart.contentUpToDelimiter()));
        }
        return fields;
    }

    /** What stands before the next delimiter; the place moves behind the delimiter's boundary. */
    private Bytes contentUpToDelimiter() {
        int start = at;
        for (int found = body.indexOf(delimiter, start); found >= 0; found = body.indexOf(delimiter, found + 1)) {
            at = found + delimiter.length();
            if (atClosingDelimiter() || body.hasAt(afterBlanks(at), LINE_END)) {
                return body.slice(start, found);
            }
        }
        throw new Malformed("a multipart body without its closing delimiter");
    }

    private boolean atClosingDelimiter() {
        int end = afterBlanks(at + DASHES.length());
        return body.hasAt(at, DASHES) && (end == body.length() || body.hasAt(end, LINE_END));
    }

    private int afterBlanks(int start) {
        int end = start;
        while (end < body.length() && (body.at(end) == ' ' || body.at(end) == '\t')) {
            end++;
        }
        return end;
    }

    /** A part begins with the line end of its delimiter line. */
    private static Pair readPart(Bytes part) {
        int end = part.indexOf(HEADER_END, 0);
        if (end < 0) {
            throw new Malformed("a part of a multipart body without the empty line after its header");
        }
        Bytes name = null;
        int start = LINE_END.length();
        while (start <= end) {
            int lineEnd = part.indexOf(LINE_END, start);
            Bytes line = part.slice(start, lineEnd);
            int colon = line.indexOf(':', 0);
            if (colon < 0) {
                throw new Malformed("a header line of a part without a colon");
            }
            if (line.slice(0, colon).equalsIgnoringCase(DISPOSITION)) {
                if (name != null) {
                    throw new Malformed("a part with two Content-Disposition lines");
                }
                name = readName(line.from(colon + 1));
            }
            start = lineEnd + LINE_END.length();
        }
        if (name == null) {
            throw new Malformed("a part of a form without its name");
        }
        return new Pair(name, part.from(end + HEADER_END.length()));
    }

    private static Bytes readName(Bytes disposition) {
        MediaType form = MediaType.read(disposition);
        if (!form.is("form-data")) {
            throw new Malformed("a part that is not form-data");
        }
        return form.parameter("name");
    }
}

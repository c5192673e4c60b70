// An HTTP message as exact bytes: what a signer writes, and what a verifier reads strictly.
package message;

import java.util.ArrayList;
import java.util.List;

/** Nothing here normalises anything: what was received is what is hashed. */
public final class Message {
    private static final Bytes QUESTION_MARK = Bytes.utf8("?");

    private final Bytes method;
    private final Bytes scheme;
    private Bytes target;
    private final List<Pair> headers;
    private Bytes body;

    public Message(Bytes method, Bytes scheme, Bytes target, List<Pair> headers, Bytes body) {
        this.method = method;
        this.scheme = scheme;
        this.target = target;
        this.headers = new ArrayList<>(headers);
        this.body = body;
    }

    /** A target from what the caller means, before any encoding. */
    public static Bytes target(Bytes path, List<Pair> query) {
        Bytes encoded = Percent.encodePath(path);
        return query.isEmpty() ? encoded : Bytes.concat(encoded, QUESTION_MARK, FormFields.write(query));
    }

    public Bytes method() {
        return method;
    }

    public Bytes scheme() {
        return scheme;
    }

    public Bytes target() {
        return target;
    }

    public List<Pair> headers() {
        return List.copyOf(headers);
    }

    public Bytes body() {
        return body;
    }

    /** Scheme, host and target, or null if there is no Host header. */
    public Bytes url() {
        Bytes host = header("Host");
        return host == null ? null : Bytes.concat(scheme, Bytes.utf8("://"), host, target);
    }

    /** The target up to its first question mark, as it is on the wire. */
    public Bytes rawPath() {
        return target.slice(0, endOfPath());
    }

    private int endOfPath() {
        int mark = target.indexOf('?', 0);
        return mark < 0 ? target.length() : mark;
    }

    private Bytes rawQuery() {
        int end = endOfPath();
        return end == target.length() ? Bytes.EMPTY : target.from(end + 1);
    }

    /** The value of a header field, or null; two lines are malformed, as readers differ on which one counts. */
    public Bytes header(String name) {
        return onlyValue(headers, name, true);
    }

    /** The query read as a form: a plus sign is a space. */
    public List<Pair> query() {
        return FormFields.read(rawQuery());
    }

    /** The fields of a form body; none if the media type is another. */
    public List<Pair> form() {
        MediaType type = mediaType();
        return type != null && type.is("application/x-www-form-urlencoded") ? FormFields.read(body) : List.of();
    }

    /** The parts of a multipart body; none if the media type is another. */
    public List<Pair> multipart() {
        MediaType type = mediaType();
        if (type == null || !type.is("multipart/form-data")) {
            return List.of();
        }
        Bytes boundary = type.parameter("boundary");
        if (boundary.isEmpty()) {
            throw new Malformed("the boundary of a multipart body is empty");
        }
        return Multipart.read(body, boundary);
    }

    private MediaType mediaType() {
        Bytes value = header("Content-Type");
        return value == null ? null : MediaType.read(value);
    }

    /** The value of the field of that name, or null; a field that occurs twice is malformed. */
    public static Bytes onlyValue(List<Pair> fields, String name) {
        return onlyValue(fields, name, false);
    }

    private static Bytes onlyValue(List<Pair> fields, String name, boolean ignoringCase) {
        Bytes wanted = Bytes.utf8(name);
        Bytes found = null;
        for (Pair field : fields) {
            if (ignoringCase ? field.name().equalsIgnoringCase(wanted) : field.name().equals(wanted)) {
                if (found != null) {
                    throw new Malformed(name + " occurs twice");
                }
                found = field.valueOrEmpty();
            }
        }
        return found;
    }

    /** The line takes the place of the first line of that name, or goes to the end; other lines of the name go. */
    public void setHeader(String name, Bytes value) {
        Bytes wanted = Bytes.utf8(name);
        int place = -1;
        for (int i = headers.size() - 1; i >= 0; i--) {
            if (headers.get(i).name().equalsIgnoringCase(wanted)) {
                headers.remove(i);
                place = i;
            }
        }
        headers.add(place < 0 ? headers.size() : place, new Pair(wanted, value));
    }

    /** The field goes to the end of the query; other fields of that name go. */
    public void setQuery(String name, Bytes value) {
        Bytes query = FormFields.replace(rawQuery(), new Pair(Bytes.utf8(name), value));
        target = Bytes.concat(rawPath(), QUESTION_MARK, query);
    }

    /** The field goes to the end of the form body; other fields of that name go. */
    public void setForm(String name, Bytes value) {
        MediaType type = mediaType();
        if (type == null || !type.is("application/x-www-form-urlencoded")) {
            throw new Malformed("a form field cannot go into a body that is not declared to be a form");
        }
        body = FormFields.replace(body, new Pair(Bytes.utf8(name), value));
    }

    /** The member goes to the end of the JSON object; there must be none of that name. */
    public void addJson(String name, Bytes value) {
        body = JsonBody.add(body, name, value);
    }
}

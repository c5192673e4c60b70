// The top-level text members of a JSON body: reading them strictly, and adding one without touching the rest.
package message;

import java.util.Map;
import json.JsonException;
import json.JsonReader;
import json.JsonWriter;

public final class JsonBody {
    private final Map<?, ?> members;

    private JsonBody(Map<?, ?> members) {
        this.members = members;
    }

    public static JsonBody read(Bytes body) {
        try {
            if (JsonReader.read(body.toArray()) instanceof Map<?, ?> members) {
                return new JsonBody(members);
            }
        } catch (JsonException e) {
            throw new Malformed(e.getMessage());
        }
        throw new Malformed("the JSON of the body is not an object");
    }

    /** The value of a text member, or null if there is no member of that name. */
    public Bytes text(String name) {
        if (!members.containsKey(name)) {
            return null;
        }
        if (members.get(name) instanceof String text) {
            return Bytes.utf8(text);
        }
        throw new Malformed("the member " + name + " is not a text");
    }

    /** The body with one more member at the end of its object; a body of no bytes counts as an empty object. */
    public static Bytes add(Bytes body, String name, Bytes value) {
        Bytes object = body.isEmpty() ? Bytes.utf8("{}") : body;
        Map<?, ?> members = read(object).members;
        if (members.containsKey(name)) {
            throw new Malformed("the body has a member " + name + " already");
        }
        String text = value.textOrNull();
        if (text == null) {
            throw new Malformed("the value of " + name + " is not UTF-8, which JSON cannot hold");
        }
        String comma = members.isEmpty() ? "" : ",";
        int brace = lastBrace(object);
        return Bytes.concat(
                object.slice(0, brace),
                Bytes.utf8(comma + JsonWriter.write(name) + ":" + JsonWriter.write(text)),
                object.from(brace));
    }

    /** Only white space can follow the closing brace, so it is the last one. */
    private static int lastBrace(Bytes object) {
        int at = object.length() - 1;
        while (object.at(at) != '}') {
            at--;
        }
        return at;
    }
}

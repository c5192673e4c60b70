// Fields joined by ampersands, as queries and form bodies have them: reading, writing and replacing.
package message;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

public final class FormFields {
    private static final Bytes AMPERSAND = Bytes.utf8("&");

    private FormFields() {
    }

    public static List<Pair> read(Bytes text) {
        return text.split('&').stream()
                .filter(piece -> !piece.isEmpty())
                .map(FormFields::readField)
                .collect(Collectors.toList());
    }

    private static Pair readField(Bytes piece) {
        int equals = piece.indexOf('=', 0);
        if (equals < 0) {
            return new Pair(Percent.decodeForm(piece), null);
        }
        return new Pair(Percent.decodeForm(piece.slice(0, equals)), Percent.decodeForm(piece.from(equals + 1)));
    }

    public static Bytes write(List<Pair> fields) {
        return Bytes.join(AMPERSAND, fields.stream().map(FormFields::writeField).collect(Collectors.toList()));
    }

    private static Bytes writeField(Pair field) {
        Bytes name = Percent.encode(field.name());
        return field.value() == null ? name : Bytes.concat(name, Bytes.utf8("="), Percent.encode(field.value()));
    }

    /** The text with the field at its end; earlier fields of that name go, everything else stays byte for byte. */
    public static Bytes replace(Bytes text, Pair field) {
        List<Bytes> pieces = new ArrayList<>();
        if (!text.isEmpty()) {
            pieces.addAll(text.split('&'));
        }
        pieces.removeIf(piece -> !piece.isEmpty() && readField(piece).name().equals(field.name()));
        pieces.add(writeField(field));
        return Bytes.join(AMPERSAND, pieces);
    }
}

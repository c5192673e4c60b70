// What signing and verifying are both given: parameters, and the variant and reading that are asked for.
package systems;

import java.util.Map;
import message.Bytes;

public abstract class Task {
    private final Map<String, Bytes> parameters;
    private final String variant;
    private final String reading;

    protected Task(Map<String, Bytes> parameters, String variant, String reading) {
        this.parameters = parameters;
        this.variant = variant;
        this.reading = reading;
    }

    public boolean inVariant(String name) {
        return name.equals(variant);
    }

    public boolean underReading(String name) {
        return name.equals(reading);
    }

    /** The parameter, or null. */
    public Bytes parameter(String name) {
        return parameters.get(name);
    }

    public Bytes requiredParameter(String name) {
        return required(parameters, name, "parameters");
    }

    /** A parameter that is a whole number, or its default. */
    public long number(String name, long otherwise) {
        Bytes value = parameters.get(name);
        if (value == null) {
            return otherwise;
        }
        String text = value.textOrNull();
        if (text == null || !text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("the parameter " + name + " is not a whole number");
        }
        return Long.parseLong(text);
    }

    /** Something that is absent here is missing from the task, which is an error and not a refusal. */
    static Bytes required(Map<String, Bytes> values, String name, String where) {
        Bytes value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing in " + where);
        }
        return value;
    }
}

// A system with what it supports: its operations by name, its variants and its readings.
package systems;

import java.util.Map;
import java.util.Set;

public record Scheme(String name, Map<String, Operation> operations, Set<String> variants, Set<String> readings) {
}

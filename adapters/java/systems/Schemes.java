// The list of all systems: the one place where a new one is named.
package systems;

import java.util.List;

public final class Schemes {
    public static final List<Scheme> ALL = List.of(
            FlipForBusiness.SCHEME,
            FlexiownPayments.SCHEME,
            Flipsnack.SCHEME,
            ClientSystemApi.SCHEME,
            Flipbase.SCHEME);

    private Schemes() {
    }

    /** The scheme of that name, or null. */
    public static Scheme find(String name) {
        return ALL.stream().filter(scheme -> scheme.name().equals(name)).findFirst().orElse(null);
    }
}

package gradus.bench.profile;

/**
 * A kind of call to a backend.
 *
 * @param group the interface it belongs to: NnOps, FusedOps, Memory, ..
 * @param op the method's name
 * @param spec its first spec record, or null where it has none
 * @param other its second, or null
 */
public record OpCall(String group, String op, Record spec, Record other) {}

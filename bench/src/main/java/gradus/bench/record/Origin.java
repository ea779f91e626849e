package gradus.bench.record;

/**
 * Where and when something was measured.
 *
 * @param date ISO 8601, to the second, in UTC
 * @param commit the code, as {@code git describe} names it
 * @param processor the processor's name
 * @param processors how many of them
 * @param system operating system
 * @param java the JVM
 */
public record Origin(
    String date, String commit, String processor, int processors, String system, String java) {}

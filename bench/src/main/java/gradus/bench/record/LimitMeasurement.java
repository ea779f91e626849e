package gradus.bench.record;

/**
 * What the machine can do at most.
 *
 * @param name fma-avx512, fma-avx2, l2-read, memory-read, memory-triad
 * @param threads how many worked together
 * @param value GFLOP/s or GB/s of all threads together
 * @param unit which of the two
 */
public record LimitMeasurement(
    Origin origin, double disturbance, String name, int threads, double value, String unit)
    implements Measurement {}

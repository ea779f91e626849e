package gradus.bench.record;

/**
 * One part of a step.
 *
 * @param workload W1, W2, ..
 * @param mode train or infer
 * @param batch images in a step
 * @param threads compute threads
 * @param part what: convolution, batch norm, ..; {@code loop} is what is left between kernels
 * @param millis of a step, on average
 * @param stepMillis the whole step, on average
 */
public record ProfileMeasurement(
    Origin origin,
    double disturbance,
    String workload,
    String mode,
    int batch,
    int threads,
    String part,
    double millis,
    double stepMillis)
    implements Measurement {}

package gradus.bench.record;

import gradus.tensor.Precision;

/**
 * One part of a step.
 *
 * @param workload W1, W2, ..
 * @param mode train or infer
 * @param batch images in a step
 * @param threads compute threads
 * @param precision the number format of training: fp32 or bf16; records that do not say are of fp32
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
    String precision,
    String part,
    double millis,
    double stepMillis)
    implements Measurement {

  /** Fills in the number format of records that are older than the choice. */
  public ProfileMeasurement {
    precision = precision == null ? Precision.FP32.toString() : precision;
  }
}

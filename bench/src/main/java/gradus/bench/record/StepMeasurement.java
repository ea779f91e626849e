package gradus.bench.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import gradus.tensor.Precision;
import java.util.List;

/**
 * Whole steps of one framework in one process.
 *
 * @param peer who: gradus, pytorch, ..
 * @param version of what, and how it was set up
 * @param workload W1, W2, ..
 * @param mode train or infer
 * @param batch images in a step
 * @param threads compute threads
 * @param precision the number format of training: fp32 or bf16; records that do not say are of fp32
 * @param isa what the processor was held to: best or avx2
 * @param round which round of the run, from 1
 * @param medianMillis the median step
 * @param tenthMillis a tenth of the steps were faster
 * @param ninetiethMillis a tenth of the steps were slower
 * @param steps how many were timed
 * @param parameters of the network, so that all peers train the same one
 * @param gigaflops in one step, counted as direct sums of products
 * @param losses the first and the last of the training; empty for inference
 */
public record StepMeasurement(
    Origin origin,
    double disturbance,
    String peer,
    String version,
    String workload,
    String mode,
    int batch,
    int threads,
    String precision,
    String isa,
    int round,
    double medianMillis,
    double tenthMillis,
    double ninetiethMillis,
    int steps,
    long parameters,
    double gigaflops,
    List<Double> losses)
    implements Measurement {

  /** Fills in the number format of records that are older than the choice. */
  public StepMeasurement {
    precision = precision == null ? Precision.FP32.toString() : precision;
  }

  /** By the median step. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public double imagesPerSecond() {
    return batch / (medianMillis * 1e-3);
  }

  /** Billions of floating-point operations in a second, by the median step. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public double gigaflopsPerSecond() {
    return gigaflops / (medianMillis * 1e-3);
  }
}

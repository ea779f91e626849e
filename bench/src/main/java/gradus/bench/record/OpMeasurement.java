package gradus.bench.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A kernel alone, by JMH.
 *
 * @param op which kind: convolution, pooling, batchNorm, groupNorm, linear, optimizer
 * @param pass forward, backwardData, ..
 * @param shape the case's name, such as W4_LAYER1
 * @param spec its numbers, for people
 * @param threads compute threads
 * @param isa instruction set: avx512, avx2, baseline
 * @param layout auto, plain, lanes
 * @param algorithm of convolutions: auto, direct, winograd
 * @param tensors warm or cold
 * @param micros of one call
 * @param errorMicros half the width of JMH's 99.9 % interval; NaN if there were too few iterations
 * @param gigaflops in one call, counted as a direct sum of products; 0 where that means nothing
 */
public record OpMeasurement(
    Origin origin,
    double disturbance,
    String op,
    String pass,
    String shape,
    String spec,
    int threads,
    String isa,
    String layout,
    String algorithm,
    String tensors,
    double micros,
    double errorMicros,
    double gigaflops)
    implements Measurement {

  /** Billions of floating-point operations in a second. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public double gigaflopsPerSecond() {
    return gigaflops / (micros * 1e-6);
  }
}

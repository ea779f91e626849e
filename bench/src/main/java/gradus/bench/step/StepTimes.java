package gradus.bench.step;

import java.util.List;

/**
 * What a contender's process tells.
 *
 * @param version see {@link Contender#version}
 * @param parameters see {@link Contender#parameters}
 * @param steps how many were timed
 * @param medianMillis the median step
 * @param tenthMillis a tenth was faster
 * @param ninetiethMillis a tenth was slower
 * @param losses of the first and the last training step; empty for inference
 */
public record StepTimes(
    String version,
    long parameters,
    int steps,
    double medianMillis,
    double tenthMillis,
    double ninetiethMillis,
    List<Double> losses) {}

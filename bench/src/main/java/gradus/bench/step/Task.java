package gradus.bench.step;

import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;

/**
 * What one process measures.
 *
 * @param workload network and image size
 * @param mode training or inference
 * @param batch images in a step
 * @param threads compute threads
 * @param precision the number format of training; inference is in float32
 */
public record Task(Workload workload, Mode mode, int batch, int threads, Precision precision) {}

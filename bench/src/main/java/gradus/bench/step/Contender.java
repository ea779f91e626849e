package gradus.bench.step;

import gradus.examples.bench.StepBenchmark.Mode;

/**
 * A framework with one network of this one, its initial weights, one batch of random images with
 * random labels, cross-entropy, and SGD with momentum.
 */
public interface Contender extends AutoCloseable {
  /** Its version, and how it was set up. */
  String version();

  /** How many numbers are trained. */
  long parameters();

  /**
   * One step, to its very end: the batch enters from the host's memory; then forward, loss,
   * backward and update, or forward alone.
   *
   * @return the loss before a training step; anything after inference
   */
  float step(Mode mode);

  @Override
  void close();
}

package gradus.train;

/**
 * What a batch comes to, and on demand its gradient. Numbers may be on their way from the device:
 * whoever asks for them after {@link #backward} finds it busy meanwhile.
 */
interface ForwardPass extends AutoCloseable {
  /** The mean over the batch. */
  float loss();

  /** How many of the batch are right. */
  int correct();

  /** Leaves the gradient of {@code scale} times the loss in the model's parameters. */
  void backward(float scale);

  @Override
  void close();
}

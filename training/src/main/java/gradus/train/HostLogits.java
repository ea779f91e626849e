package gradus.train;

import gradus.autograd.Tensor;
import gradus.backend.Arrival;
import gradus.metric.Metric;
import java.nio.IntBuffer;

/**
 * Logits and labels of a batch on the host, for metrics. The device goes on while they are on their
 * way; when they have been looked at, the memory is used for another batch.
 */
final class HostLogits {
  private float[] values = {};
  private IntBuffer labels = IntBuffer.allocate(0);
  private int classes;
  private Arrival arrival;

  /** Begins to read those of a batch, which need not live until they are here. */
  void read(Tensor logits, IntBuffer ofBatch) {
    int count = Math.toIntExact(logits.shape().size());
    int rows = logits.shape().dim(0);
    if (values.length != count) { // metrics go by the length
      values = new float[count];
    }
    if (labels.capacity() < rows) {
      labels = IntBuffer.allocate(rows);
    }
    labels.put(0, ofBatch, 0, rows);
    classes = logits.shape().dim(1);
    arrival = logits.toArrayLater(values);
  }

  /** Waits for them. */
  void tell(Metric[] metrics) {
    arrival.await();
    for (Metric metric : metrics) {
      metric.add(values, classes, labels);
    }
  }
}

package gradus.autograd;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.tensor.Batch;
import gradus.tensor.Placement;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** What a batch holds on the host, read whole, wherever the positions of its buffers are. */
final class HostBatch {
  private HostBatch() {}

  static void copyImages(Batch batch, Memory memory, Buffer to) {
    if (batch.isOfBytes()) {
      ByteBuffer bytes = batch.bytes();
      if (bytes.position() != 0 || bytes.limit() != bytes.capacity()) {
        bytes = bytes.duplicate().clear();
      }
      memory.copyIn(bytes, batch.scale(), batch.shift(), to, batch.shape());
      return;
    }
    FloatBuffer images = batch.images();
    if (images.position() != 0 || images.limit() != images.capacity()) {
      images = images.duplicate().clear();
    }
    memory.copyIn(images, to, batch.shape(), Placement.BATCH);
  }

  static IntBuffer labels(Batch batch) {
    IntBuffer labels = batch.labels();
    if (labels == null) {
      throw new IllegalStateException(
          "This batch of "
              + batch.size()
              + " images has no labels: it can be predicted, but not trained on.");
    }
    return labels.position() == 0 && labels.limit() == labels.capacity()
        ? labels
        : labels.duplicate().clear();
  }

  static int largestLabel(Batch batch) {
    IntBuffer labels = labels(batch);
    int largest = 0;
    for (int i = 0; i < batch.size(); i++) {
      int label = labels.get(i);
      if (label < 0) {
        throw new GradusException(
            "Label " + i + " of the batch is " + label + ", but classes count from 0.");
      }
      largest = Math.max(largest, label);
    }
    return largest;
  }
}

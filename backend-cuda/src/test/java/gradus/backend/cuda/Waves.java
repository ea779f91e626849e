package gradus.backend.cuda;

import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Images that are always the same for the same seed, with all classes in turn. */
final class Waves {
  private Waves() {}

  static Batch batch(Shape shape, int classes, int seed) {
    FloatBuffer images = FloatBuffer.allocate(Math.toIntExact(shape.size()));
    for (int i = 0; i < images.capacity(); i++) {
      images.put(i, (float) Math.sin(i * 12.9898 + seed));
    }
    IntBuffer labels = IntBuffer.allocate(shape.dim(0));
    for (int i = 0; i < labels.capacity(); i++) {
      labels.put(i, (i + seed) % classes);
    }
    return new Batch(shape, images, labels);
  }
}

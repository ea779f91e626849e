package gradus.backend.tck;

import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;
import java.util.List;

/**
 * The awkward arguments every op is tried with: sizes that are no multiple of a vector, batches
 * around sixteen, windows that reach far into the padding or skip pixels.
 */
public final class Shapes {
  private Shapes() {}

  /** Batch tensors of one to four dimensions. */
  public static List<Shape> batches() {
    return List.of(
        Shape.of(1),
        Shape.of(33),
        Shape.of(1, 1),
        Shape.of(15, 7),
        Shape.of(16, 1),
        Shape.of(17, 31),
        Shape.of(1, 3, 13, 13),
        Shape.of(16, 7, 1, 33),
        Shape.of(33, 5, 7, 13));
  }

  /** Dense tensors. */
  public static List<Shape> denses() {
    return List.of(Shape.SCALAR, Shape.of(1), Shape.of(7), Shape.of(31, 33), Shape.of(13, 3, 5, 5));
  }

  /** Convolutions of every kind. */
  public static List<Conv2dSpec> convolutions() {
    return List.of(
        Conv2dSpec.of(1, 1, 1, 1, 1, 1, 1, 0),
        Conv2dSpec.of(1, 3, 7, 7, 5, 3, 1, 1),
        Conv2dSpec.of(15, 3, 13, 13, 7, 3, 1, 1),
        Conv2dSpec.of(16, 3, 13, 13, 16, 3, 1, 1),
        Conv2dSpec.of(17, 3, 13, 13, 7, 3, 1, 1),
        Conv2dSpec.of(33, 1, 31, 31, 3, 5, 1, 0),
        Conv2dSpec.of(16, 33, 5, 5, 33, 3, 1, 1),
        Conv2dSpec.of(32, 8, 8, 8, 48, 3, 1, 1),
        Conv2dSpec.of(17, 16, 13, 13, 33, 3, 1, 1), // where Winograd's algorithm pays
        Conv2dSpec.of(33, 70, 8, 8, 17, 3, 1, 1),
        Conv2dSpec.of(16, 17, 9, 9, 16, 3, 1, 0),
        Conv2dSpec.of(2, 130, 4, 4, 130, 3, 1, 1),
        new Conv2dSpec(18, 24, 7, 11, 20, 3, 3, 1, 1, 2, 0, 1, 3, 1, 1, 1),
        Conv2dSpec.of(16, 7, 7, 7, 13, 3, 2, 1), // stride 2
        Conv2dSpec.of(17, 2, 33, 31, 3, 7, 2, 3),
        Conv2dSpec.of(16, 13, 7, 7, 31, 1, 1, 0), // 1x1
        Conv2dSpec.of(17, 7, 13, 13, 13, 1, 2, 0),
        Conv2dSpec.of(16, 2, 13, 13, 3, 2, 3, 0), // stride beyond the kernel: unread pixels
        Conv2dSpec.of(16, 5, 7, 7, 9, 7, 1, 0), // kernel as large as the image
        Conv2dSpec.of(1, 5, 7, 7, 9, 7, 1, 0),
        Conv2dSpec.of(16, 2, 5, 5, 3, 3, 1, 3), // whole windows in the padding
        new Conv2dSpec(16, 3, 7, 13, 5, 3, 3, 1, 1, 1, 0, 1, 2, 1, 1, 1), // asymmetric padding
        new Conv2dSpec(17, 3, 13, 7, 5, 3, 3, 2, 2, 0, 0, 1, 1, 1, 1, 1),
        new Conv2dSpec(16, 3, 1, 33, 5, 1, 7, 1, 1, 0, 3, 0, 3, 1, 1, 1), // one row
        new Conv2dSpec(16, 3, 33, 1, 5, 7, 1, 2, 1, 3, 0, 3, 0, 1, 1, 1), // one column
        new Conv2dSpec(16, 4, 9, 11, 6, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1, 1), // kernel 3x2, stride 2x1
        new Conv2dSpec(16, 3, 13, 13, 5, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1), // dilation
        new Conv2dSpec(17, 3, 13, 13, 5, 3, 3, 2, 1, 1, 3, 2, 3, 2, 3, 1),
        new Conv2dSpec(16, 6, 7, 7, 9, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3), // groups
        new Conv2dSpec(15, 8, 7, 7, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 2),
        new Conv2dSpec(16, 13, 13, 13, 13, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 13), // depthwise
        new Conv2dSpec(17, 7, 13, 13, 14, 5, 5, 2, 2, 2, 2, 2, 2, 1, 1, 7),
        new Conv2dSpec(1, 7, 13, 13, 7, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 7));
  }

  /** Fully connected layers. */
  public static List<LinearSpec> linears() {
    return List.of(
        new LinearSpec(1, 1, 1),
        new LinearSpec(1, 33, 13),
        new LinearSpec(15, 7, 31),
        new LinearSpec(16, 400, 120),
        new LinearSpec(17, 31, 1),
        new LinearSpec(33, 13, 10),
        new LinearSpec(64, 1, 7));
  }

  /** Sliding windows; those of odd windows also count the padding. */
  public static List<PoolSpec> pools() {
    return List.of(
        new PoolSpec(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, false),
        new PoolSpec(1, 3, 7, 7, 2, 2, 2, 2, 0, 0, false),
        new PoolSpec(15, 3, 13, 13, 2, 2, 2, 2, 0, 0, false),
        new PoolSpec(16, 7, 8, 8, 2, 2, 2, 2, 0, 0, false),
        new PoolSpec(17, 3, 33, 31, 3, 3, 2, 2, 1, 1, true),
        new PoolSpec(33, 2, 7, 13, 3, 3, 2, 2, 1, 1, false),
        new PoolSpec(16, 2, 13, 13, 3, 3, 1, 1, 1, 1, true),
        new PoolSpec(16, 2, 13, 13, 2, 2, 3, 3, 0, 0, false), // unread pixels
        new PoolSpec(16, 3, 7, 7, 7, 7, 1, 1, 0, 0, false), // window as large as the image
        new PoolSpec(17, 3, 7, 13, 1, 3, 1, 2, 0, 1, true),
        new PoolSpec(16, 2, 9, 9, 4, 2, 3, 1, 2, 1, false),
        new PoolSpec(1, 2, 17, 17, 15, 17, 1, 1, 7, 0, true));
  }

  /** Adaptive windows: divisible, overlapping, growing. */
  public static List<AdaptivePoolSpec> adaptivePools() {
    return List.of(
        new AdaptivePoolSpec(1, 3, 7, 7, 1, 1),
        new AdaptivePoolSpec(16, 7, 8, 8, 4, 4),
        new AdaptivePoolSpec(17, 3, 13, 7, 5, 3),
        new AdaptivePoolSpec(33, 2, 7, 31, 7, 1),
        new AdaptivePoolSpec(15, 2, 3, 1, 7, 2),
        new AdaptivePoolSpec(2, 36, 9, 33, 1, 1),
        new AdaptivePoolSpec(3, 65, 2, 3, 1, 1));
  }

  /** Normalisations. */
  public static List<BatchNormSpec> batchNorms() {
    return List.of(
        new BatchNormSpec(1, 3, 7, 7, 0.1f, 1e-5f),
        new BatchNormSpec(15, 7, 5, 5, 0.1f, 1e-5f),
        new BatchNormSpec(16, 13, 13, 7, 0.1f, 1e-5f),
        new BatchNormSpec(17, 3, 1, 1, 0.5f, 1e-3f),
        new BatchNormSpec(33, 31, 2, 3, 1f, 1e-5f),
        new BatchNormSpec(64, 2, 16, 16, 0f, 1e-5f));
  }
}

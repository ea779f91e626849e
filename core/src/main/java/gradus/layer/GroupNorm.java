package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.GroupNormOp;
import gradus.backend.spec.GroupNormSpec;
import gradus.tensor.Shape;

/**
 * Group normalisation: {@code y = weight (x - mean) / sqrt(var + epsilon) + bias}, with the mean
 * and biased variance of each image over the pixels of so many neighbouring channels. x and y
 * {@code [N,C,H,W]} or {@code [N,C]}. No image depends on the others of its batch, so that it does
 * the same in training and evaluation, and for small batches what {@link BatchNorm2d} does for
 * large ones.
 *
 * <p>1 group normalises whole images (layer normalisation, with a weight per channel), C groups
 * each channel of itself (instance normalisation). {@code epsilon} is 1e-5. PyTorch asks for the
 * number of channels, too.
 *
 * <p>State: {@code weight}, {@code bias}, each {@code [C]}. Wu and He 2018 (arXiv:1803.08494).
 */
public final class GroupNorm extends Layer {
  private final int groups;
  private float epsilon = 1e-5f;
  private Initializer scaleInitializer = Initializer.ones();
  private Parameter weight;
  private Parameter bias;
  private GroupNormSpec spec;

  /** So many groups, which must divide the number of channels; 32 in the paper. */
  public GroupNorm(int groups) {
    this.groups = groups;
  }

  /** What is added to the variance before the root. */
  public GroupNorm epsilon(double value) {
    requireUnbuilt();
    epsilon = (float) value;
    return this;
  }

  /** Where the scale starts: 1, or 0 for the last one of a residual branch (arXiv:1706.02677). */
  public GroupNorm scale(Initializer initializer) {
    requireUnbuilt();
    scaleInitializer = initializer;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3 && input.rank() != 1) {
      throw new GradusException(
          "GroupNorm takes images [C, H, W] or features [C], but gets " + input + ".");
    }
    boolean image = input.rank() == 3;
    int c = input.dim(0);
    spec =
        new GroupNormSpec(
            1, c, image ? input.dim(1) : 1, image ? input.dim(2) : 1, groups, epsilon);
    weight = scope.parameter("weight", Shape.of(c), Parameter.Kind.NORM, scaleInitializer);
    bias = scope.parameter("bias", Shape.of(c), Parameter.Kind.NORM, Initializer.zeros());
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    spec = spec.withBatch(x.shape().dim(0));
    return GroupNormOp.apply(spec, x, weight, bias);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.groupNorm(spec, x, weight, bias);
  }
}

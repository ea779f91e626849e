package gradus.layer;

import gradus.autograd.Tensor;
import gradus.tensor.Shape;

/**
 * A piece of a network. It is described first ({@code new Conv2d(16, 3).padding(1)}), gets its
 * parameters when a {@link Model} is built and the shape of its input is known, and then turns
 * tensors into tensors. It has no train/evaluate flag: the pass of its input says which it is.
 *
 * <p>Your own layer extends this: declare parameters and children on the scope in {@link #build},
 * use them in {@link #forward}.
 */
public abstract class Layer {
  private boolean built;

  /**
   * Declares parameters and children and returns the shape of the output for one example ({@code
   * [C,H,W]} or {@code [F]}). Called once.
   */
  protected abstract Shape build(Scope scope, Shape input);

  /** Computes the output and, in a training pass, records how its gradient goes back. */
  public abstract Tensor forward(Tensor x);

  /**
   * One layer that does this one's work and then {@code next}'s, faster; null when there is none.
   * Called after building.
   */
  protected Layer fuse(Layer next) {
    return null;
  }

  /** The name in summaries and messages. */
  public String kind() {
    return getClass().getSimpleName();
  }

  /** Multiply-adds for one example, given the shapes of one example. */
  protected long multiplyAdds(Shape input, Shape output) {
    return 0;
  }

  final void markBuilt() {
    if (built) {
      throw new IllegalStateException(
          "This "
              + kind()
              + " already belongs to a model: a layer keeps its parameters, so create a new one for each place.");
    }
    built = true;
  }

  /** For setters: a layer's description cannot change once it has parameters. */
  protected final void requireUnbuilt() {
    if (built) {
      throw new IllegalStateException(
          "This " + kind() + " is already built: describe it before Model.build.");
    }
  }
}

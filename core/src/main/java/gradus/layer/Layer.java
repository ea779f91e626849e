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
  private String path;

  /**
   * Declares parameters and children and returns the shape of the output for one example ({@code
   * [C,H,W]} or {@code [F]}). Called once.
   */
  protected abstract Shape build(Scope scope, Shape input);

  /** Computes the output and, in a training pass, records how its gradient goes back. */
  public abstract Tensor forward(Tensor x);

  /**
   * Tells a graph what an evaluation pass of this layer computes, and returns the output. Override
   * it in a layer of your own, by the graph's operations or the export of the layers it is made of,
   * to take networks with it to other frameworks.
   *
   * @throws ExportException unless overridden, or the graph can do without
   */
  public <V> V export(Graph<V> graph, V x) {
    return graph.opaque(this, x);
  }

  ExportException notExportable() {
    return new ExportException(
        "The layer "
            + kind()
            + (path == null || path.isEmpty() ? "" : " \"" + path + "\"")
            + " cannot be exported: "
            + getClass().getName()
            + " does not say what it computes. Override Layer.export there.");
  }

  /** The path in its model, such as {@code stage2.conv1}; null before the model is built. */
  public final String path() {
    return path;
  }

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

  final void markBuilt(String place) {
    if (built) {
      throw new IllegalStateException(
          "This "
              + kind()
              + " already belongs to a model: a layer keeps its parameters, so create a new one for each place.");
    }
    built = true;
    path = place;
  }

  /** For setters: a layer's description cannot change once it has parameters. */
  protected final void requireUnbuilt() {
    if (built) {
      throw new IllegalStateException(
          "This " + kind() + " is already built: describe it before Model.build.");
    }
  }
}

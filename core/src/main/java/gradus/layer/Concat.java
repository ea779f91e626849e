package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.ConcatOp;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs several branches on the same input and puts their outputs side by side along the channels,
 * as in an Inception module (arXiv:1409.4842). Branches are named by their place.
 */
public final class Concat extends Layer {
  private final List<Layer> branches;

  /** At least one branch. */
  public Concat(Layer... branches) {
    if (branches.length == 0) {
      throw new GradusException("Concat needs at least one branch.");
    }
    this.branches = List.of(branches);
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    Shape first = null;
    int channels = 0;
    for (int i = 0; i < branches.size(); i++) {
      Shape shape = scope.child(Integer.toString(i), branches.get(i), input);
      if (first == null) {
        first = shape;
      } else if (shape.rank() != first.rank() || !tail(shape).equals(tail(first))) {
        throw new GradusException(
            "Branch 0 gives "
                + first
                + " and branch "
                + i
                + " gives "
                + shape
                + ": all but the channels must be equal.");
      }
      channels += shape.dim(0);
    }
    int[] dimensions = first.toArray();
    dimensions[0] = channels;
    return Shape.of(dimensions);
  }

  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> outputs = new ArrayList<>(branches.size());
    for (Layer branch : branches) {
      outputs.add(branch.forward(x));
    }
    Tensor y = ConcatOp.apply(outputs);
    for (Tensor output : outputs) {
      if (output != x) {
        x.pass().releaseEarly(output, y);
      }
    }
    return y;
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    List<V> outputs = new ArrayList<>(branches.size());
    for (Layer branch : branches) {
      outputs.add(branch.export(graph, x));
    }
    return graph.concat(outputs);
  }

  private static Shape tail(Shape shape) {
    return shape.withoutBatch();
  }
}

package gradus.layer;

import gradus.autograd.Tensor;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers one after the other. Children are named by their place ({@code 0}, {@code 1}, ..), or as
 * {@link #add(String, Layer)} says.
 *
 * <p>What flows between its layers is seen by nobody else, so neighbours that can do their work at
 * once (convolution, ReLU and max-pool; batch norm and ReLU; linear and ReLU) are run as one, and
 * evaluation gives memory back early.
 */
public final class Sequential extends Layer {
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private Layer[] steps;

  /** The given layers, named by their place. */
  public Sequential(Layer... layers) {
    for (Layer layer : layers) {
      add(layer);
    }
  }

  /** Appends a layer named by its place. */
  public Sequential add(Layer layer) {
    return add(Integer.toString(layers.size()), layer);
  }

  /** Appends a layer under a name of its own: {@code conv1} gives {@code conv1.weight}. */
  public Sequential add(String name, Layer layer) {
    requireUnbuilt();
    if (layers.putIfAbsent(name, layer) != null) {
      throw new IllegalArgumentException(
          "Two layers of one Sequential are named \"" + name + "\".");
    }
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    Shape shape = input;
    for (Map.Entry<String, Layer> child : layers.entrySet()) {
      shape = scope.child(child.getKey(), child.getValue(), shape);
    }
    steps = fuseNeighbours(List.copyOf(layers.values()));
    return shape;
  }

  @Override
  public Tensor forward(Tensor x) {
    return run(steps, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    V value = x;
    for (Layer layer : layers.values()) {
      value = layer.export(graph, value);
    }
    return value;
  }

  /**
   * What the last layer is given for {@code x}: the features a classifier decides by. The layers
   * must have been built, as by {@link Model#build}.
   */
  public Tensor features(Tensor x) {
    return run(stepsWithoutLast(), x);
  }

  /** Its layers in order, each of which may be the place to {@link #insertBefore}. */
  public List<Layer> layers() {
    return List.copyOf(layers.values());
  }

  /**
   * Puts a layer before another one, whose name and those of all others stay: dropout before a
   * classifier, for example.
   *
   * @throws IllegalArgumentException if {@code place} is not one of the layers, or the name is
   *     taken
   */
  public Sequential insertBefore(Layer place, String name, Layer layer) {
    requireUnbuilt();
    if (!layers.containsValue(place) || layers.containsKey(name)) {
      throw new IllegalArgumentException(
          "Cannot insert \""
              + name
              + "\" before "
              + place.kind()
              + ": the layers are "
              + layers.keySet()
              + "; the place must be one of them, and the name new.");
    }
    Map<String, Layer> before = new LinkedHashMap<>(layers);
    layers.clear();
    before.forEach(
        (key, child) -> {
          if (child.equals(place)) {
            layers.put(name, layer);
          }
          layers.put(key, child);
        });
    return this;
  }

  /** The last layer, or null when there is none. */
  public Layer last() {
    Layer last = null;
    for (Layer layer : layers.values()) {
      last = layer;
    }
    return last;
  }

  /** All layers but the last, with neighbours fused. */
  Layer[] stepsWithoutLast() {
    List<Layer> all = List.copyOf(layers.values());
    return fuseNeighbours(all.subList(0, all.size() - 1));
  }

  /** Runs layers whose intermediate results nobody else sees. */
  static Tensor run(Layer[] steps, Tensor x) {
    Tensor current = x;
    for (Layer step : steps) {
      Tensor next = step.forward(current);
      if (current != x) {
        x.pass().releaseEarly(current, next);
      }
      current = next;
    }
    return current;
  }

  private static Layer[] fuseNeighbours(List<Layer> layers) {
    List<Layer> steps = new ArrayList<>();
    for (Layer layer : layers) {
      Layer fused = steps.isEmpty() ? null : steps.get(steps.size() - 1).fuse(layer);
      if (fused == null) {
        steps.add(layer);
      } else {
        steps.set(steps.size() - 1, fused);
      }
    }
    return steps.toArray(new Layer[0]);
  }
}

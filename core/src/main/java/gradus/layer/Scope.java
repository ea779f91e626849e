package gradus.layer;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a layer stands in a model while the model is being built: its path, and the place to
 * declare parameters and children. Paths are joined by dots as in PyTorch; the empty name adds
 * none.
 */
public final class Scope {
  /** What all scopes of one model share. */
  private static final class Build {
    final Map<String, Parameter> parameters = new LinkedHashMap<>();
    final List<LayerSummary> rows = new ArrayList<>();
  }

  private final Build build;
  private final String path;
  private boolean hasChildren;
  private long ownParameters;

  private Scope(Build build, String path) {
    this.build = build;
    this.path = path;
  }

  static Scope root() {
    return new Scope(new Build(), "");
  }

  /**
   * Declares a parameter of this layer.
   *
   * @throws GradusException if the name is taken, or the shape is larger than an array can be
   */
  public Parameter parameter(
      String name, Shape shape, Parameter.Kind kind, Initializer initializer) {
    String full = join(name);
    if (shape.size() > Integer.MAX_VALUE) {
      throw new GradusException(
          String.format(
              Locale.ROOT,
              "Its %s %s would have %,d elements, but an array has at most %,d.",
              name,
              shape,
              shape.size(),
              Integer.MAX_VALUE));
    }
    Parameter parameter = new Parameter(full, shape, kind, initializer);
    if (build.parameters.putIfAbsent(full, parameter) != null) {
      throw new GradusException(
          "Two parameters of the model are named " + full + ": give the layers different names.");
    }
    if (kind != Parameter.Kind.STATISTIC) {
      ownParameters += shape.size();
    }
    return parameter;
  }

  /**
   * Builds a child for inputs of the given shape and returns the shape of its outputs.
   *
   * @throws GradusException if the shapes do not fit: with the shapes of every layer up to this one
   */
  public Shape child(String name, Layer layer, Shape input) {
    hasChildren = true;
    Scope scope = new Scope(build, join(name));
    layer.markBuilt(scope.path);
    Shape output;
    try {
      output = layer.build(scope, input);
    } catch (ShapeMismatchException alreadyExplained) {
      throw alreadyExplained;
    } catch (GradusException wrong) {
      throw new ShapeMismatchException(
          explain(scope.path, layer, input, wrong.getMessage()), wrong);
    }
    if (!scope.hasChildren) {
      build.rows.add(
          new LayerSummary(
              scope.path,
              layer.kind(),
              input,
              output,
              scope.ownParameters,
              layer.multiplyAdds(input, output)));
    }
    return output;
  }

  /** This scope's path, for messages. */
  public String path() {
    return path;
  }

  List<Parameter> parameters() {
    return List.copyOf(build.parameters.values());
  }

  List<LayerSummary> rows() {
    return List.copyOf(build.rows);
  }

  private String join(String name) {
    return name.isEmpty() ? path : path.isEmpty() ? name : path + "." + name;
  }

  private String explain(String where, Layer layer, Shape input, String why) {
    StringBuilder text = new StringBuilder();
    text.append("The model cannot be built: ")
        .append(layer.kind())
        .append(" \"")
        .append(where)
        .append("\" gets ")
        .append(input)
        .append(". ")
        .append(why);
    if (!build.rows.isEmpty()) {
      text.append("\nShapes so far (one example):");
      for (LayerSummary row : build.rows) {
        text.append(
            String.format(
                "%n  %-24s %-16s %s -> %s", row.path(), row.kind(), row.input(), row.output()));
      }
    }
    return text.toString();
  }
}

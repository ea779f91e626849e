package gradus.layer;

import gradus.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/** Declares the parameters of a {@link FoldedNetwork}: once each, however many steps share one. */
final class FoldedParameters {
  private final Scope scope;
  private final Map<Parameter, Parameter> copies = new HashMap<>();

  FoldedParameters(Scope scope) {
    this.scope = scope;
  }

  /** One of the same name that starts with the same values. */
  Parameter copy(Parameter source) {
    return copies.computeIfAbsent(source, p -> declare(p.name(), p.shape(), p.kind(), p.read()));
  }

  /** One that starts with the given values. */
  Parameter declare(String name, Shape shape, Parameter.Kind kind, float[] values) {
    return scope.parameter(name, shape, kind, (ofShape, seed) -> values.clone());
  }
}

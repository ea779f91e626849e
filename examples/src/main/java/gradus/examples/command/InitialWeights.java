package gradus.examples.command;

import gradus.layer.Initializer;
import gradus.layer.Model;
import gradus.layer.Parameter;

/** Where filters and matrices can start, chosen by name. */
enum InitialWeights {
  /** As each layer of the network says. */
  DEFAULT,
  KAIMING_NORMAL,
  KAIMING_UNIFORM,
  XAVIER_NORMAL,
  XAVIER_UNIFORM,
  LECUN_NORMAL;

  /** Starts the weights of a model anew; biases and norms stay. */
  void apply(Model model, long seed) {
    if (this == DEFAULT) {
      return;
    }
    for (Parameter parameter : model.parameters().list()) {
      if (parameter.kind() == Parameter.Kind.WEIGHT && parameter.isTrainable()) {
        long own = seed ^ parameter.name().hashCode() * 0x9E3779B97F4A7C15L;
        parameter.write(initializer().values(parameter.shape(), own));
      }
    }
  }

  private Initializer initializer() {
    return switch (this) {
      case DEFAULT -> Initializer.standard();
      case KAIMING_NORMAL -> Initializer.kaimingNormal();
      case KAIMING_UNIFORM -> Initializer.kaimingUniform();
      case XAVIER_NORMAL -> Initializer.xavierNormal();
      case XAVIER_UNIFORM -> Initializer.xavierUniform();
      case LECUN_NORMAL -> Initializer.lecunNormal();
    };
  }
}

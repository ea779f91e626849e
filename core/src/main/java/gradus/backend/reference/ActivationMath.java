package gradus.backend.reference;

import gradus.backend.spec.Activation;

/** The activation functions of one number, and their slopes. */
final class ActivationMath {
  private ActivationMath() {}

  static double value(Activation f, double x) {
    return switch (f.kind()) {
      case RELU -> Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : f.alpha() * x;
      case ELU -> x > 0 ? x : f.alpha() * Math.expm1(x);
      case SILU -> x * sigmoid(x);
      case GELU -> x * NormalDistribution.cumulative(x);
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case RELU6 -> Math.min(Math.max(x, 0), 6);
      case EXP -> Math.exp(x);
      case SELU -> Activation.SELU_SCALE * (x > 0 ? x : Activation.SELU_ALPHA * Math.expm1(x));
      case SOFTPLUS -> softplus(x);
      case MISH -> x * Math.tanh(softplus(x));
      case HARDSIGMOID -> Math.min(Math.max(x / 6 + 0.5, 0), 1);
      case HARDSWISH -> x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    };
  }

  /** f'(x), given also y = f(x). */
  static double slope(Activation f, double x, double y) {
    return switch (f.kind()) {
      case RELU -> x > 0 ? 1 : 0;
      case LEAKY_RELU -> x > 0 ? 1 : f.alpha();
      case ELU -> x > 0 ? 1 : y + f.alpha();
      case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case GELU -> NormalDistribution.cumulative(x) + x * NormalDistribution.density(x);
      case SIGMOID -> y * (1 - y);
      case TANH -> 1 - y * y;
      case RELU6 -> x > 0 && x < 6 ? 1 : 0;
      case EXP -> y;
      case SELU ->
          x > 0 ? Activation.SELU_SCALE : y + Activation.SELU_SCALE * Activation.SELU_ALPHA;
      case SOFTPLUS -> sigmoid(x);
      case MISH -> {
        double t = Math.tanh(softplus(x));
        yield t + x * sigmoid(x) * (1 - t * t);
      }
      case HARDSIGMOID -> x > -3 && x < 3 ? 1.0 / 6 : 0;
      case HARDSWISH -> x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6;
    };
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** 1 / (1 + exp(-x)). */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}

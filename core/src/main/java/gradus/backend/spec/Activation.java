package gradus.backend.spec;

/**
 * An elementwise function and its parameter. A NaN stays a NaN.
 *
 * @param alpha the negative slope of LeakyReLU, the saturation of ELU; unused by the others
 */
public record Activation(Kind kind, float alpha) {
  /** max(x, 0). */
  public static final Activation RELU = new Activation(Kind.RELU, 0);

  /** The functions. */
  public enum Kind {
    /** max(x, 0); the derivative at 0 is 0. */
    RELU,
    /** x where x > 0, else alpha x. */
    LEAKY_RELU,
    /** x where x > 0, else alpha (exp(x) - 1). */
    ELU,
    /** x sigmoid(x). */
    SILU,
    /** x Phi(x) with the exact normal distribution function (erf), PyTorch's default. */
    GELU,
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** tanh(x). */
    TANH,
    /** min(max(x, 0), 6); the derivative at 0 and at 6 is 0. */
    RELU6,
    /** exp(x). */
    EXP
  }
}

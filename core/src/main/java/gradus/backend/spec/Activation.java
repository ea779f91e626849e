package gradus.backend.spec;

/**
 * An elementwise function and its parameter. A NaN stays a NaN.
 *
 * @param alpha the negative slope of LeakyReLU, the saturation of ELU; unused by the others
 */
public record Activation(Kind kind, float alpha) {
  /** max(x, 0). */
  public static final Activation RELU = new Activation(Kind.RELU, 0);

  /** With these two, SELU keeps mean 0 and variance 1 (arXiv:1706.02515). */
  public static final double SELU_ALPHA = 1.6732632423543772;

  /** See {@link #SELU_ALPHA}. */
  public static final double SELU_SCALE = 1.0507009873554805;

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
    EXP,
    /**
     * x where x > 0, else a (exp(x) - 1), all times s: {@link #SELU_ALPHA}, {@link #SELU_SCALE}.
     */
    SELU,
    /** log(1 + exp(x)). */
    SOFTPLUS,
    /** x tanh(log(1 + exp(x))). */
    MISH,
    /** min(max(x / 6 + 1 / 2, 0), 1); the derivative at -3 and at 3 is 0. */
    HARDSIGMOID,
    /** x times hardsigmoid(x), and 0 at minus infinity; the derivative is 0 at -3 and 1 at 3. */
    HARDSWISH
  }
}

package gradus.backend.spec;

/**
 * One step of stochastic gradient descent: {@code g += weightDecay w}; {@code v = momentum v +
 * (1-dampening) g}; {@code w -= lr v}, or with Nesterov {@code w -= lr (g + momentum v)}. PyTorch's
 * form, not that of Sutskever et al.: the rate multiplies the velocity. On the first step {@code v
 * = g} whatever the dampening.
 */
public record SgdSpec(
    float learningRate,
    float momentum,
    float dampening,
    boolean nesterov,
    float weightDecay,
    boolean firstStep) {}

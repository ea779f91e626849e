package gradus.backend.spec;

/**
 * One step of Adam: {@code m = beta1 m + (1-beta1) g}; {@code v = beta2 v + (1-beta2) g^2}; {@code
 * w -= lr mhat / (sqrt(vhat) + epsilon)} with {@code mhat = m / (1-beta1^step)} and {@code vhat = v
 * / (1-beta2^step)}. Decay is added to the gradient (Adam), or, if {@code decoupled}, shrinks the
 * weight first by {@code 1 - lr weightDecay} (AdamW).
 *
 * @param step the number of this step, from 1
 */
public record AdamSpec(
    float learningRate,
    float beta1,
    float beta2,
    float epsilon,
    float weightDecay,
    boolean decoupled,
    long step) {}

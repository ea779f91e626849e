package gradus.backend.spec;

import gradus.GradusException;

/**
 * One step of an optimizer that keeps up to three arrays {@code a, b, c} beside the weights. First
 * {@code w *= keep} (decoupled decay) and {@code g = gradient + weightDecay w} (coupled), then the
 * {@link Rule}. Shares {@code 1 - beta} are to be computed in double precision: betas are near 1.
 *
 * @param rate of this step; bias corrections are in it
 * @param keep what weights are multiplied by first, 1 for no decay
 * @param weightDecay how much of the weight is added to the gradient
 * @param beta1 see the rule, from 0 to 1
 * @param beta2 see the rule, from 0 to 1
 * @param epsilon see the rule, not negative
 * @param extra see the rule
 * @param root see the rule
 */
public record UpdateSpec(
    Rule rule,
    double rate,
    double keep,
    double weightDecay,
    double beta1,
    double beta2,
    double epsilon,
    double extra,
    double root) {

  /** What is done with the gradient {@code g}. */
  public enum Rule {
    /**
     * {@code a = beta1 a + (1-beta1) g}; {@code b = beta2 b + (1-beta2) g^2}; {@code w -= (rate a +
     * extra g) / (root sqrt(b) + epsilon)}. If there is a c: {@code c = max(c, b)}, under the root
     * in place of b. Adam's family.
     */
    MOMENTS(2, 3),
    /**
     * {@code a = beta2 a + (1-beta2) g^2}; {@code d = g / (sqrt(a) + epsilon)}. If there is a b:
     * {@code b = beta2 b + (1-beta2) g} and {@code a - b^2} under the root. If there is a c: {@code
     * c = extra c + d} and {@code d = c}. {@code w -= rate d}. RMSprop.
     */
    RMSPROP(1, 3),
    /**
     * {@code a = beta2 a + (1-beta2) g^2}; {@code d = g sqrt(b + epsilon) / sqrt(a + epsilon)};
     * {@code b = beta2 b + (1-beta2) d^2}; {@code w -= rate d}. Adadelta.
     */
    ADADELTA(2, 2),
    /** {@code a += g^2}; {@code w -= rate g / (sqrt(a) + epsilon)}. Adagrad. */
    ADAGRAD(1, 1),
    /**
     * {@code w -= rate sign(beta1 a + (1-beta1) g)}; {@code a = beta2 a + (1-beta2) g}, with {@code
     * sign(0) = 0}. Lion.
     */
    LION(1, 1);

    private final int leastArrays;
    private final int mostArrays;

    Rule(int leastArrays, int mostArrays) {
      this.leastArrays = leastArrays;
      this.mostArrays = mostArrays;
    }

    /** How many of a, b, c it needs. */
    public int leastArrays() {
      return leastArrays;
    }

    /** How many of a, b, c it can use. */
    public int mostArrays() {
      return mostArrays;
    }
  }

  /** Checks the numbers. */
  public UpdateSpec {
    if (!(beta1 >= 0 && beta1 <= 1 && beta2 >= 0 && beta2 <= 1 && epsilon >= 0)) {
      throw new GradusException(
          "An update with "
              + rule
              + " has the betas "
              + beta1
              + " and "
              + beta2
              + " and the epsilon "
              + epsilon
              + ": betas must be from 0 to 1, and epsilon not negative.");
    }
  }
}

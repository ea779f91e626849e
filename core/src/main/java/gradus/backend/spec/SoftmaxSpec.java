package gradus.backend.spec;

import gradus.GradusException;

/** Softmax over the channels of {@code [N,C,pixels]}; {@code pixels} is 1 for {@code [N,C]}. */
public record SoftmaxSpec(int n, int c, int pixels) {

  /** Checks every number. */
  public SoftmaxSpec {
    if (n < 1 || c < 1 || pixels < 1) {
      throw new GradusException(
          "Softmax over [" + n + ", " + c + ", " + pixels + "]: every size must be at least 1.");
    }
  }
}

package gradus.backend.spec;

import gradus.GradusException;

/** A factor {@code [N,C]} for each channel of each image of {@code [N,C,pixels]}. */
public record ChannelScaleSpec(int n, int c, int pixels) {

  /** Checks every number. */
  public ChannelScaleSpec {
    if (n < 1 || c < 1 || pixels < 1) {
      throw new GradusException(
          "Cannot scale the channels of ["
              + n
              + ", "
              + c
              + ", "
              + pixels
              + "]: every size must be at least 1.");
    }
  }
}

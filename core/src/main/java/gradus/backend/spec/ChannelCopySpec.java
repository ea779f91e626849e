package gradus.backend.spec;

import gradus.GradusException;

/**
 * Copies {@code channels} channels of {@code pixels} pixels between {@code [N,fromChannels,..]} and
 * {@code [N,toChannels,..]}.
 */
public record ChannelCopySpec(
    int n,
    int pixels,
    int channels,
    int fromChannels,
    int fromOffset,
    int toChannels,
    int toOffset) {

  /** Checks every number. */
  public ChannelCopySpec {
    if (n < 1
        || pixels < 1
        || channels < 1
        || fromOffset < 0
        || toOffset < 0
        || fromOffset + channels > fromChannels
        || toOffset + channels > toChannels) {
      throw new GradusException(
          "Cannot copy "
              + channels
              + " channels from offset "
              + fromOffset
              + " of "
              + fromChannels
              + " to offset "
              + toOffset
              + " of "
              + toChannels
              + ".");
    }
  }
}

package gradus.backend;

/**
 * How a backend that has a choice lays images {@code [N,C,H,W]} out. Results are the same to
 * rounding, and shapes, weights and files not touched by it.
 */
public enum MemoryFormat {
  /** Each channel's pixels side by side, NCHW: {@code torch.contiguous_format} in PyTorch. */
  CHANNELS_FIRST,
  /**
   * Each pixel's channels side by side, NHWC: {@code torch.channels_last} in PyTorch. What the
   * tensor cores of a GPU compute with as it lies. To flatten images then moves them.
   */
  CHANNELS_LAST
}

package gradus.backend;

/** What a backend may do to compute a convolution faster. */
public enum ConvAccuracy {
  /**
   * Algorithms with fewer multiplications too, as Winograd's: their rounding errors are 4 to 16
   * times those of the plain sum, about 1e-6 of the typical output.
   */
  FAST,
  /** The plain sum of products alone. */
  STRICT
}

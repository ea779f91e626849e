package gradus.data.transform;

/** How a value between pixels is found. */
public enum Interpolation {
  /** The nearest pixel's. */
  NEAREST,
  /** Between the four pixels around, by distance. */
  BILINEAR
}

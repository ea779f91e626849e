package gradus.data.image;

/** What an image is continued with beyond its border; the names are PyTorch's. */
public enum PaddingMode {
  /** A fixed value. */
  CONSTANT,
  /** The nearest pixel of the border: {@code aaa|abc|ccc}. */
  EDGE,
  /** Mirrored at the pixel of the border, which is not repeated: {@code cb|abc|ba}. */
  REFLECT,
  /** Mirrored at the border: {@code ba|abc|cb}. */
  SYMMETRIC;

  /** Which of {@code size} pixels stands at {@code position}; -1 for none. */
  int source(int position, int size) {
    if (position >= 0 && position < size) {
      return position;
    }
    return switch (this) {
      case CONSTANT -> -1;
      case EDGE -> Math.max(0, Math.min(size - 1, position));
      case REFLECT -> {
        int period = Math.max(1, 2 * (size - 1));
        int inside = Math.floorMod(position, period);
        yield inside < size ? inside : period - inside;
      }
      case SYMMETRIC -> {
        int inside = Math.floorMod(position, 2 * size);
        yield inside < size ? inside : 2 * size - 1 - inside;
      }
    };
  }
}

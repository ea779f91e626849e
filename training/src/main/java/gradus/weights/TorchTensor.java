package gradus.weights;

import java.util.List;

/**
 * What a PyTorch file says about one tensor: a view of a storage.
 *
 * @param storage the numbers it looks at
 * @param offset which of them is its first
 * @param sizes its extents
 * @param strides how far apart neighbours lie, in numbers, for each extent
 */
record TorchTensor(TorchStorage storage, long offset, List<Long> sizes, List<Long> strides) {
  /** More extents no tensor has here. */
  static final int MAX_RANK = 16;

  /** Keeps its own copies. */
  TorchTensor {
    sizes = List.copyOf(sizes);
    strides = List.copyOf(strides);
  }

  /** What cannot be true of it, or null. */
  String fault() {
    if (sizes.size() != strides.size() || sizes.size() > MAX_RANK) {
      return "has "
          + sizes.size()
          + " extents and "
          + strides.size()
          + " strides; there must be as many, and at most "
          + MAX_RANK;
    }
    if (offset < 0
        || sizes.stream().anyMatch(size -> size < 0)
        || strides.stream().anyMatch(stride -> stride < 0)) {
      return "has a negative number in its shape "
          + sizes
          + ", strides "
          + strides
          + " or offset "
          + offset;
    }
    try {
      if (count() > Integer.MAX_VALUE) {
        return "has the shape " + sizes + "; there may be at most " + Integer.MAX_VALUE + " values";
      }
      if (count() > 0 && last() >= storage.elements()) {
        return "looks at number " + last() + " of a storage of " + storage.elements();
      }
      return null;
    } catch (ArithmeticException e) {
      return "has the shape " + sizes + " and strides " + strides + ", too large for any file";
    }
  }

  /** How many values it has. */
  long count() {
    if (sizes.contains(0L)) {
      return 0;
    }
    return sizes.stream().reduce(1L, Math::multiplyExact);
  }

  /** Whether its values lie one after the other. */
  boolean isContiguous() {
    long expected = 1;
    for (int d = sizes.size() - 1; d >= 0; d--) {
      if (sizes.get(d) != 1 && strides.get(d) != expected) {
        return false;
      }
      expected *= sizes.get(d);
    }
    return true;
  }

  private long last() {
    long last = offset;
    for (int d = 0; d < sizes.size(); d++) {
      last = Math.addExact(last, Math.multiplyExact(sizes.get(d) - 1, strides.get(d)));
    }
    return last;
  }
}

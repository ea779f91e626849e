package gradus.doctor.preflight;

import gradus.data.DataLoader;

/** Loaders that bring a few images of another one's data set, spread evenly over it. */
final class Glimpse {
  /** Pixels and channels of all images together: half a second of copying. */
  private static final long MOST_VALUES = 50_000_000;

  private static final int LEAST_IMAGES = 64;

  private Glimpse() {}

  /**
   * Images as {@code loader} gives them, but for what it draws by chance. Close it.
   *
   * @param most images; fewer if they are large, and never more than there are
   */
  static DataLoader of(DataLoader loader, int most, int batchSize) {
    int[] chosen = evenly(loader.dataset().size(), atMost(loader, most));
    return loader.toBuilder()
        .withoutAugmentation()
        .sampler(epoch -> chosen)
        .batchSize(Math.min(batchSize, chosen.length))
        .dropLast(false)
        .build();
  }

  private static int atMost(DataLoader loader, int most) {
    long room = Math.max(LEAST_IMAGES, MOST_VALUES / loader.imageShape().size());
    return (int) Math.min(most, room);
  }

  /** At most {@code most} numbers below {@code size}: one out of each of as many equal parts. */
  static int[] evenly(int size, int most) {
    int count = Math.min(size, most);
    int[] chosen = new int[count];
    for (int i = 0; i < count; i++) {
      int first = (int) ((long) i * size / count);
      int next = (int) ((i + 1L) * size / count);
      // Not always the first: where classes take turns, that would show one class alone.
      chosen[i] = first + i % (next - first);
    }
    return chosen;
  }
}

package gradus.data;

import gradus.GradusException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A data set cut in two by chance, each part with the same share of every class. The same seed
 * gives the same cut; both parts keep the data set's order.
 *
 * @param train what to learn from
 * @param validation what to judge progress on while training
 */
public record StratifiedSplit(Dataset train, Dataset validation) {

  /**
   * Cuts off {@code validationFraction} of every class, rounded, and at least one sample where the
   * class has two.
   *
   * @param validationFraction above 0 and below 1; 0.1 is usual
   * @throws GradusException if the fraction is out of range or a part would be empty
   */
  public static StratifiedSplit of(Dataset dataset, double validationFraction, long seed) {
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new GradusException(
          "A validation fraction must lie between 0 and 1, but is " + validationFraction + ".");
    }
    int[] counts = dataset.classCounts();
    int[] wanted = new int[counts.length];
    for (int c = 0; c < counts.length; c++) {
      int rounded = (int) Math.round(counts[c] * validationFraction);
      wanted[c] = counts[c] < 2 ? 0 : Math.max(1, Math.min(counts[c] - 1, rounded));
    }
    boolean[] chosen = choose(dataset, wanted, seed);
    String how = "a stratified " + validationFraction + ", seed " + seed + ", of ";
    return new StratifiedSplit(
        part(dataset, chosen, false, "all but " + how), part(dataset, chosen, true, how));
  }

  /**
   * About {@code count} samples with the same share of every class: at least one of each class, so
   * that the result can be a little larger.
   */
  public static Dataset take(Dataset dataset, int count, long seed) {
    if (count < 1) {
      throw new GradusException(
          "Cannot take " + count + " samples of " + dataset.name() + ": at least 1 is needed.");
    }
    if (count >= dataset.size()) {
      return dataset;
    }
    int[] counts = dataset.classCounts();
    int[] wanted = new int[counts.length];
    long before = 0;
    long seen = 0;
    for (int c = 0; c < counts.length; c++) {
      // Differences of rounded running totals add up to the count exactly.
      seen += counts[c];
      long until = Math.round((double) seen * count / dataset.size());
      wanted[c] = Math.max(Math.min(1, counts[c]), (int) (until - before));
      before = until;
    }
    String how = "a stratified " + count + " samples, seed " + seed + ", of ";
    return part(dataset, choose(dataset, wanted, seed), true, how);
  }

  /** Marks {@code wanted[c]} samples of every class {@code c}, drawn without replacement. */
  private static boolean[] choose(Dataset dataset, int[] wanted, long seed) {
    int[][] members = new int[wanted.length][];
    int[] filled = dataset.classCounts();
    for (int c = 0; c < wanted.length; c++) {
      members[c] = new int[filled[c]];
    }
    Arrays.fill(filled, 0);
    for (int i = 0; i < dataset.size(); i++) {
      int label = dataset.label(i);
      members[label][filled[label]++] = i;
    }
    boolean[] chosen = new boolean[dataset.size()];
    for (int c = 0; c < wanted.length; c++) {
      RandomStreams.shuffle(members[c], new SplittableRandom(RandomStreams.mix(seed) + c));
      for (int k = 0; k < wanted[c]; k++) {
        chosen[members[c][k]] = true;
      }
    }
    return chosen;
  }

  private static Dataset part(Dataset dataset, boolean[] chosen, boolean wanted, String how) {
    int[] indices = new int[chosen.length];
    int n = 0;
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i] == wanted) {
        indices[n++] = i;
      }
    }
    if (n == 0) {
      throw new GradusException(
          dataset.name()
              + " has too few samples ("
              + dataset.size()
              + ") to cut off a validation part: every class needs at least 2.");
    }
    return new Subset(dataset, Arrays.copyOf(indices, n), how + dataset.origin());
  }
}

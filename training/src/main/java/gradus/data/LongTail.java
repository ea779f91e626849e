package gradus.data;

import gradus.GradusException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes a data set unbalanced, for experiments: class {@code c} of {@code C} keeps {@code n *
 * factor^(-c / (C-1))} samples, cut to a whole number, where n is the size of the largest class.
 * The first class keeps all, the last one in {@code factor} (arXiv:1901.05555).
 */
public final class LongTail {
  private LongTail() {}

  /**
   * A subset of {@code dataset} in its order; which samples stay is drawn by the seed.
   *
   * @param imbalanceFactor the largest class over the smallest, at least 1; 10 to 200 are usual
   */
  public static Dataset of(Dataset dataset, double imbalanceFactor, long seed) {
    if (!(imbalanceFactor >= 1) || Double.isInfinite(imbalanceFactor)) {
      throw new GradusException(
          "LongTail: the imbalance factor is "
              + imbalanceFactor
              + ", but must be at least 1; 50 means that the last class has a fiftieth of the"
              + " first.");
    }
    ClassMembers members = ClassMembers.of(dataset);
    SplittableRandom random = new SplittableRandom(RandomStreams.mix(seed));
    int[] kept = new int[dataset.size()];
    int count = 0;
    int classes = members.classes();
    for (int c = 0; c < classes; c++) {
      double share = classes == 1 ? 1 : Math.pow(imbalanceFactor, -(double) c / (classes - 1));
      // A hair more, so that 5000 / 50 is 100 and not 99 by rounding.
      int wanted = (int) (members.largest() * share + 1e-9 * members.largest());
      int[] samples = members.of(c);
      RandomStreams.shuffle(samples, random);
      int taken = Math.min(samples.length, Math.max(1, wanted));
      System.arraycopy(samples, 0, kept, count, taken);
      count += taken;
    }
    int[] indices = Arrays.copyOf(kept, count);
    Arrays.sort(indices);
    return dataset.subset(indices);
  }
}

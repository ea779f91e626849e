package gradus.data;

import gradus.GradusException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Cross-validation: the data set is cut into {@code k} parts with the same share of every class,
 * and each of them is the validation part of one fold, whose training part is all the rest.
 *
 * <pre>{@code
 * for (StratifiedSplit fold : StratifiedKFold.of(dataset, 5, seed)) {
 *   ... // build a new model, train on fold.train(), judge on fold.validation()
 * }
 * }</pre>
 *
 * <p>scikit-learn only warns of a class with fewer than {@code k} samples; here it is refused.
 */
public final class StratifiedKFold {
  private StratifiedKFold() {}

  /**
   * The folds. Class shares and sizes of the validation parts differ by one sample at most; the
   * same seed gives the same folds, and all parts keep the data set's order.
   *
   * @param k how many, at least 2; 5 and 10 are usual
   * @throws GradusException if a class has fewer than {@code k} samples, but has any
   */
  public static List<StratifiedSplit> of(Dataset dataset, int k, long seed) {
    int[] fold = assignment(dataset, k, seed);
    int[] sizes = new int[k];
    for (int f : fold) {
      sizes[f]++;
    }
    List<StratifiedSplit> folds = new ArrayList<>(k);
    for (int f = 0; f < k; f++) {
      int[] train = new int[fold.length - sizes[f]];
      int[] validation = new int[sizes[f]];
      int t = 0;
      int v = 0;
      for (int i = 0; i < fold.length; i++) {
        if (fold[i] == f) {
          validation[v++] = i;
        } else {
          train[t++] = i;
        }
      }
      String how =
          "fold "
              + (f + 1)
              + " of "
              + k
              + ", stratified, seed "
              + seed
              + ", of "
              + dataset.origin();
      folds.add(
          new StratifiedSplit(
              new Subset(dataset, train, "all but " + how), new Subset(dataset, validation, how)));
    }
    return List.copyOf(folds);
  }

  /**
   * The number, from 0, of the fold each sample is in the validation part of, as {@link #of} cuts.
   */
  public static int[] assignment(Dataset dataset, int k, long seed) {
    if (k < 2) {
      throw new GradusException(
          "StratifiedKFold: " + k + " folds are asked for, but at least 2 are needed; 5 is usual.");
    }
    return assign(dataset, k, seed);
  }

  /** Deals the samples of one class after the other out to the folds, like cards. */
  private static int[] assign(Dataset dataset, int k, long seed) {
    ClassMembers members = ClassMembers.of(dataset);
    members.present();
    SplittableRandom random = new SplittableRandom(RandomStreams.mix(seed));
    int[] fold = new int[dataset.size()];
    int next = 0;
    for (int c = 0; c < members.classes(); c++) {
      int[] ofClass = members.of(c);
      if (ofClass.length > 0 && ofClass.length < k) {
        throw new GradusException(
            "StratifiedKFold: the class "
                + dataset.classNames().get(c)
                + " of "
                + dataset.name()
                + " has "
                + ofClass.length
                + " sample(s), so that they cannot be spread over "
                + k
                + " folds: choose fewer folds, add samples, or filter the class out.");
      }
      RandomStreams.shuffle(ofClass, random);
      for (int index : ofClass) {
        fold[index] = next;
        next = (next + 1) % k;
      }
    }
    return fold;
  }
}

package gradus.doctor.labels;

import gradus.GradusException;
import gradus.data.Dataset;
import gradus.data.StratifiedKFold;
import gradus.metric.Predictions;
import java.util.stream.IntStream;

/**
 * Predictions for every sample of a data set by networks that were not trained on it: as many as
 * there are folds, each for the fold it has not seen. What a network was trained on it may know by
 * heart, wrong label and all.
 */
public final class OutOfFold {
  private OutOfFold() {}

  /** Trains a network from the beginning and lets it predict. */
  @FunctionalInterface
  public interface Training {
    /**
     * Trains on one data set and adds the predictions for another, in its order.
     *
     * @param fold from 0
     */
    void run(int fold, Dataset train, Dataset heldOut, Predictions predictions);
  }

  /**
   * The predictions in the order of the data set.
   *
   * @param folds at least 2; more make larger training parts, and take longer
   */
  public static Predictions predict(Dataset data, int folds, long seed, Training training) {
    int[] fold = StratifiedKFold.assignment(data, folds, seed);
    int classes = data.classNames().size();
    double[][] rows = new double[data.size()][classes];
    for (int f = 0; f < folds; f++) {
      int now = f;
      int[] held = IntStream.range(0, fold.length).filter(i -> fold[i] == now).toArray();
      int[] rest = IntStream.range(0, fold.length).filter(i -> fold[i] != now).toArray();
      Predictions predictions = new Predictions(classes);
      training.run(f, data.subset(rest), data.subset(held), predictions);
      if (predictions.examples() != held.length) {
        throw new GradusException(
            "Fold "
                + f
                + " holds "
                + held.length
                + " samples out, but "
                + predictions.examples()
                + " were predicted.");
      }
      for (int i = 0; i < held.length; i++) {
        for (int c = 0; c < classes; c++) {
          rows[held[i]][c] = predictions.probability(i, c);
        }
      }
    }
    Predictions all = new Predictions(classes);
    for (int i = 0; i < rows.length; i++) {
      all.add(data.label(i), rows[i]);
    }
    return all;
  }
}

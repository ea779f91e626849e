package gradus.doctor.labels;

import gradus.metric.Predictions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds wrong labels by confident learning (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068) in
 * predictions for samples that the predicting networks were not trained on, see {@link OutOfFold}.
 *
 * <p>A class's threshold is its mean probability among the samples labelled with it. A sample
 * counts for the most probable class whose threshold it reaches; these counts by given label,
 * scaled to the number of samples with that label, estimate how many samples of class i are
 * labelled j. So many of those that look most like j are then listed, where the network itself
 * would choose another label.
 */
public final class ConfidentLearning {
  private final double[][] joint;
  private final List<LabelIssue> issues;

  private ConfidentLearning(double[][] joint, List<LabelIssue> issues) {
    this.joint = joint;
    this.issues = issues;
  }

  /** Estimates from predictions of every sample of a data set, in its order. */
  public static ConfidentLearning of(Predictions predictions) {
    double[][] joint = joint(predictions, thresholds(predictions));
    return new ConfidentLearning(joint, issues(predictions, joint));
  }

  /** The likely wrong labels, the most confident first. */
  public List<LabelIssue> issues() {
    return issues;
  }

  /** How many samples labelled {@code given} are estimated to be of the class {@code actual}. */
  public double count(int given, int actual) {
    return joint[given][actual];
  }

  /** The estimated share of wrong labels. */
  public double noise() {
    double wrong = 0;
    double all = 0;
    for (int given = 0; given < joint.length; given++) {
      for (int actual = 0; actual < joint.length; actual++) {
        all += joint[given][actual];
        wrong += given == actual ? 0 : joint[given][actual];
      }
    }
    return all == 0 ? 0 : wrong / all;
  }

  private static double[] thresholds(Predictions predictions) {
    double[] sums = new double[predictions.classes()];
    for (int i = 0; i < predictions.examples(); i++) {
      int given = predictions.label(i);
      sums[given] += predictions.probability(i, given);
    }
    for (int c = 0; c < sums.length; c++) {
      int support = predictions.support(c);
      sums[c] = support == 0 ? Double.POSITIVE_INFINITY : sums[c] / support;
    }
    return sums;
  }

  private static double[][] joint(Predictions predictions, double[] thresholds) {
    int classes = predictions.classes();
    double[][] counts = new double[classes][classes];
    for (int i = 0; i < predictions.examples(); i++) {
      int confident = -1;
      for (int c = 0; c < classes; c++) {
        double p = predictions.probability(i, c);
        if (p >= thresholds[c] && (confident < 0 || p > predictions.probability(i, confident))) {
          confident = c;
        }
      }
      if (confident >= 0) {
        counts[predictions.label(i)][confident]++;
      }
    }
    for (int given = 0; given < classes; given++) {
      double counted = Arrays.stream(counts[given]).sum();
      int support = predictions.support(given);
      if (counted == 0) {
        counts[given][given] = support;
      } else {
        for (int actual = 0; actual < classes; actual++) {
          counts[given][actual] *= support / counted;
        }
      }
    }
    return counts;
  }

  /** Prunes by noise rate. */
  private static List<LabelIssue> issues(Predictions predictions, double[][] joint) {
    Map<Integer, LabelIssue> found = new HashMap<>();
    for (int given = 0; given < joint.length; given++) {
      for (int actual = 0; actual < joint.length; actual++) {
        int wanted = (int) Math.round(joint[given][actual]);
        if (given != actual && wanted > 0) {
          for (LabelIssue issue : most(predictions, given, actual, wanted)) {
            found.merge(issue.index(), issue, (a, b) -> a.confidence() >= b.confidence() ? a : b);
          }
        }
      }
    }
    List<LabelIssue> sorted = new ArrayList<>(found.values());
    sorted.sort(
        Comparator.comparingDouble(LabelIssue::confidence)
            .reversed()
            .thenComparingInt(LabelIssue::index));
    return List.copyOf(sorted);
  }

  /** The samples labelled one class that look most like another one. */
  private static List<LabelIssue> most(Predictions predictions, int given, int actual, int wanted) {
    List<LabelIssue> candidates = new ArrayList<>();
    for (int i = 0; i < predictions.examples(); i++) {
      if (predictions.label(i) == given) {
        double margin = predictions.probability(i, actual) - predictions.probability(i, given);
        if (margin > 0) {
          candidates.add(new LabelIssue(i, given, actual, margin));
        }
      }
    }
    candidates.sort(Comparator.comparingDouble(LabelIssue::confidence).reversed());
    return candidates.subList(0, Math.min(wanted, candidates.size()));
  }
}

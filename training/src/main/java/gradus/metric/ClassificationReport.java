package gradus.metric;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a classifier does, in all usual numbers, under the names scikit-learn gives them. A number
 * the data does not define, such as the ROC-AUC of an absent class, is NaN.
 *
 * @param classes how it does on each class, in the order of labels
 * @param summary name to number over all classes, in the order they are to be shown
 * @param confusion rows are labels, columns predictions
 * @param calibration accuracy against confidence in 15 bins
 */
public record ClassificationReport(
    List<ClassReport> classes,
    Map<String, Double> summary,
    ConfusionMatrix confusion,
    Calibration calibration) {
  /**
   * How it does on one class.
   *
   * @param scores precision, recall, F1, support
   * @param rocAuc against all others, or NaN
   * @param averagePrecision against all others
   */
  public record ClassReport(ClassScores scores, double rocAuc, double averagePrecision) {}

  /**
   * Computes everything.
   *
   * @throws gradus.GradusException if there is no example
   */
  public static ClassificationReport of(Predictions predictions) {
    predictions.requireExamples("The classification report");
    ConfusionMatrix confusion = predictions.confusion();
    List<ClassReport> classes = new ArrayList<>();
    boolean allPresent = true;
    for (int c = 0; c < predictions.classes(); c++) {
      ClassScores scores = confusion.scores(c);
      boolean ranked = scores.support() > 0 && scores.support() < predictions.examples();
      allPresent &= ranked;
      classes.add(
          new ClassReport(
              scores,
              ranked ? RocAuc.of(predictions, c) : Double.NaN,
              AveragePrecision.of(predictions, c)));
    }
    Calibration calibration = Calibration.of(predictions);
    Map<String, Double> summary = new LinkedHashMap<>();
    summary.put("accuracy", confusion.accuracy());
    summary.put("balanced_accuracy", confusion.balancedAccuracy());
    if (predictions.classes() > 5) {
      summary.put("top_5_accuracy", predictions.topK(5));
    }
    summary.put("macro_precision", confusion.macroPrecision());
    summary.put("macro_recall", confusion.macroRecall());
    summary.put("macro_f1", confusion.macroF1());
    summary.put("weighted_precision", confusion.weightedPrecision());
    summary.put("weighted_recall", confusion.weightedRecall());
    summary.put("weighted_f1", confusion.weightedF1());
    summary.put("micro_f1", confusion.microF1());
    summary.put("cohen_kappa", confusion.cohenKappa());
    summary.put("matthews_corrcoef", confusion.matthewsCorrelation());
    summary.put("roc_auc_ovr_macro", allPresent ? RocAuc.macro(predictions) : Double.NaN);
    summary.put("roc_auc_ovr_weighted", allPresent ? RocAuc.weighted(predictions) : Double.NaN);
    summary.put("roc_auc_ovo_macro", allPresent ? RocAuc.oneVsOne(predictions) : Double.NaN);
    summary.put("average_precision_macro", AveragePrecision.macro(predictions));
    summary.put("log_loss", LogLoss.of(predictions));
    summary.put("brier_score", BrierScore.of(predictions));
    summary.put("expected_calibration_error", calibration.expectedError());
    summary.put("maximum_calibration_error", calibration.maximumError());
    return new ClassificationReport(List.copyOf(classes), summary, confusion, calibration);
  }

  /** One of the numbers of the summary. */
  public double get(String name) {
    return summary.getOrDefault(name, Double.NaN);
  }
}

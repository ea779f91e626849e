package gradus.metric;

import gradus.GradusException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/**
 * A number that an evaluation comes to beside loss and accuracy: what is counted, and what is made
 * of the counts. Those here are scikit-learn's, under its names; a quotient without examples is 0,
 * its {@code zero_division=0}. One of one's own:
 *
 * <pre>{@code
 * var kappa = new ValidationMetric<>("cohen_kappa", false, ConfusionMatrix::new, ConfusionMatrix::cohenKappa);
 * trainer.earlyStopping(new EarlyStopping(Monitor.of(kappa)));
 * }</pre>
 *
 * @param name small letters, digits and underscores; files of a run put {@code validation_} before
 * @param lessIsBetter whether a small value is a good one
 * @param counter makes an empty counter, for so many classes
 * @param value reads it after the last batch; NaN where the data does not define it
 */
public record ValidationMetric<M extends Metric>(
    String name, boolean lessIsBetter, IntFunction<M> counter, ToDoubleFunction<M> value) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*"); // before its users

  /** {@link ConfusionMatrix#macroF1}: {@code f1_score(average="macro")}. */
  public static final ValidationMetric<ConfusionMatrix> MACRO_F1 =
      ofConfusion("macro_f1", ConfusionMatrix::macroF1);

  /** {@link ConfusionMatrix#macroPrecision}: {@code precision_score(average="macro")}. */
  public static final ValidationMetric<ConfusionMatrix> MACRO_PRECISION =
      ofConfusion("macro_precision", ConfusionMatrix::macroPrecision);

  /** {@link ConfusionMatrix#macroRecall}: {@code recall_score(average="macro")}. */
  public static final ValidationMetric<ConfusionMatrix> MACRO_RECALL =
      ofConfusion("macro_recall", ConfusionMatrix::macroRecall);

  /**
   * {@link ConfusionMatrix#balancedAccuracy}: {@code balanced_accuracy_score}. It is the macro
   * recall, unless a class without an example was predicted, which counts as 0 there and not here.
   */
  public static final ValidationMetric<ConfusionMatrix> BALANCED_ACCURACY =
      ofConfusion("balanced_accuracy", ConfusionMatrix::balancedAccuracy);

  /** {@link TopKAccuracy} of 5, for data of more classes: {@code top_k_accuracy_score(k=5)}. */
  public static final ValidationMetric<TopKAccuracy> TOP_5_ACCURACY =
      new ValidationMetric<>(
          "top_5_accuracy", false, ValidationMetric::topFive, TopKAccuracy::value);

  /** Refuses a name that files could not hold, or that is taken. */
  public ValidationMetric {
    if (!NAME.matcher(name).matches() || name.equals("loss") || name.equals("accuracy")) {
      throw new GradusException(
          "A validation metric cannot be called \""
              + name
              + "\": take small letters, digits and underscores, and neither loss nor accuracy.");
    }
  }

  /** Those above. */
  public static List<ValidationMetric<?>> all() {
    return List.of(MACRO_F1, MACRO_PRECISION, MACRO_RECALL, BALANCED_ACCURACY, TOP_5_ACCURACY);
  }

  private static ValidationMetric<ConfusionMatrix> ofConfusion(
      String name, ToDoubleFunction<ConfusionMatrix> value) {
    return new ValidationMetric<>(name, false, ConfusionMatrix::new, value);
  }

  private static TopKAccuracy topFive(int classes) {
    if (classes <= 5) {
      throw new GradusException(
          "The top-5 accuracy of " + classes + " classes is always 1: at least 6 are needed.");
    }
    return new TopKAccuracy(5);
  }
}

package gradus.report;

import gradus.metric.Monitor;
import gradus.train.EpochReport;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of an epoch beside its own, under the names every file of a run gives them. Metrics
 * of the validation, which not every run has, come behind them.
 */
enum EpochField {
  TRAIN_LOSS,
  TRAIN_ACCURACY,
  VALIDATION_LOSS,
  VALIDATION_ACCURACY,
  LEARNING_RATE,
  SECONDS,
  IMAGES_PER_SECOND;

  /** The name of the number of the epoch, which is whole. */
  static final String EPOCH = "epoch";

  /** Its name in files. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The metrics among the names in a file, by their own names. */
  static Map<String, Double> metrics(Iterable<String> names, ToDoubleFunction<String> value) {
    String prefix = Monitor.nameOf("");
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (String name : names) {
      if (name.startsWith(prefix)
          && Arrays.stream(values()).noneMatch(field -> field.key().equals(name))) {
        metrics.put(name.substring(prefix.length()), value.applyAsDouble(name));
      }
    }
    return metrics;
  }

  /** To float precision, which is what there is; NaN where the run has no such number. */
  float of(EpochReport report) {
    return (float)
        switch (this) {
          case TRAIN_LOSS -> report.trainLoss();
          case TRAIN_ACCURACY -> report.trainAccuracy();
          case VALIDATION_LOSS -> report.validationLoss();
          case VALIDATION_ACCURACY -> report.validationAccuracy();
          case LEARNING_RATE -> report.learningRate();
          case SECONDS -> report.seconds();
          case IMAGES_PER_SECOND -> report.imagesPerSecond();
        };
  }
}

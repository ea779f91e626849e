package gradus.report;

import gradus.train.EpochReport;
import java.util.Locale;

/** The numbers of an epoch beside its own, under the names every file of a run gives them. */
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

package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.signal.SignalProbe;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.Trials;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import java.util.Locale;
import java.util.Optional;

/**
 * Batch norms whose running statistics are not those of the images: with the statistics of the
 * batch the same images are known. Steps that are too long, or batches that are too small or of few
 * classes, also leave statistics behind; so the run must learn well in training, or the statistics
 * must not have moved at all, or not follow even while the weights stay as they are.
 */
final class StaleStatistics implements Cause {
  private static final int IMAGES = 512;
  private static final double HALF = 0.5;
  private static final double LEARNS_IN_TRAINING = 0.5;
  private static final double KNOWS_LITTLE = 0.3;
  private static final int SMALL_BATCH = 8;
  private static final double MUCH_MORE = 0.1;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    if (!patient.shows(Symptom.INCONSISTENT)
        || !history.facts().normalises()
        || history.facts().batchSize() <= SMALL_BATCH
        || history.preflight(Diagnosis.DATA_NOT_SHUFFLED).isPresent()) {
      return Optional.empty();
    }
    Checkup last = history.last();
    double byBatch = lossByBatch(patient.subject());
    Evidence losses =
        Evidence.of(
            String.format(
                Locale.ROOT,
                "On training images the loss is %.4g with running statistics, and %.4g with those"
                    + " of the batch.",
                last.train().loss(),
                byBatch));
    boolean clear =
        history.skill() > LEARNS_IN_TRAINING && history.skill(last.train()) < KNOWS_LITTLE;
    boolean isMuchBetter = byBatch < HALF * last.train().loss();
    if (isMuchBetter && areUnmoved(patient.subject())) {
      return Optional.of(
          finding(
              patient,
              Case.CONFIRMED,
              "are what they were before training: evaluation takes them for those of the images",
              losses));
    }
    Optional<Finding> unfollowing =
        stillAfterRest(patient, byBatch)
            .map(
                rest ->
                    finding(
                        patient,
                        Case.CONFIRMED,
                        "do not follow the batches: their momentum is too small",
                        losses,
                        rest));
    if (unfollowing.isPresent() || !isMuchBetter || !clear) {
      return unfollowing;
    }
    return Optional.of(
        finding(
            patient,
            Case.LIKELY,
            "are not those of the images, so that evaluation fails where training does well",
            losses));
  }

  private static Finding finding(
      Case patient, double confidence, String fault, Evidence... evidence) {
    return patient.primary(
        Diagnosis.EVAL_MODE_ERROR,
        confidence,
        "The running statistics of the batch norms " + fault + ".",
        new Remedy(
            "Let the statistics follow the batches, with a momentum of 0.1, or measure them anew.",
            "BatchNormRecalibration.run(model, train)",
            null),
        evidence);
  }

  /** What lags behind weights that move fast catches up while these stay as they are. */
  private static Optional<Evidence> stillAfterRest(Case patient, double byBatch) {
    LossRange range = patient.history().facts().judged();
    double running = patient.history().last().train().loss();
    if (!(range.learned(byBatch) > range.learned(running) + MUCH_MORE)) {
      return Optional.empty();
    }
    Trial rest = Trial.from(Trial.Start.NOW, "weights that stay as they are");
    return patient
        .trials()
        .run(rest.learningRate(0).steps(1))
        .filter(outcome -> outcome.lossAfter() - byBatch > HALF * (running - byBatch))
        .map(
            outcome ->
                Evidence.of(
                    String.format(
                        Locale.ROOT,
                        "With the weights left as they are, %d batches more bring it to %.4g.",
                        Trials.SETTLING_BATCHES,
                        outcome.lossAfter())));
  }

  /** Whether every mean is still 0 and every variance still 1. */
  private static boolean areUnmoved(Subject subject) {
    boolean any = false;
    for (Parameter parameter : subject.model().state()) {
      if (parameter.kind() == Parameter.Kind.STATISTIC) {
        any = true;
        float initial = parameter.name().endsWith("var") ? 1 : 0;
        for (float value : parameter.read()) {
          if (value != initial) {
            return false;
          }
        }
      }
    }
    return any;
  }

  private static double lossByBatch(Subject subject) {
    try (DataLoader sample = Examiner.sample(subject.train(), IMAGES, subject.seed())) {
      return lossByBatch(subject.model(), sample, sample.batchSize());
    }
  }

  /** The loss of a sample's images with the statistics of batches of that size. */
  static double lossByBatch(Model model, DataLoader sample, int batchSize) {
    CrossEntropyLoss loss = new CrossEntropyLoss();
    SignalProbe probe = new SignalProbe(model);
    double sum = 0;
    int images = 0;
    try (DataLoader batches = sample.toBuilder().batchSize(batchSize).build();
        Epoch epoch = batches.epoch(0)) {
      for (Batch batch : epoch) {
        sum += batch.size() * probe.add(batch, loss);
        images += batch.size();
      }
    }
    return sum / images;
  }
}

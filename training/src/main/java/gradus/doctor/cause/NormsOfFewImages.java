package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Symptom;
import gradus.doctor.signal.Operation;
import gradus.doctor.signal.Structure;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.tensor.Shape;
import java.util.Locale;
import java.util.Optional;

/**
 * Batch norms in batches of one or two images. What is learned with the statistics of so few does
 * not hold with those of all images, which evaluation takes; and a norm that sees one number of a
 * channel gives the same for every image, one that sees two keeps but which is larger. The same
 * images and weights tell it, with statistics of few and of many: for a trial there is seldom
 * enough, since a step of sixteen images costs as much as sixteen steps of a run of single ones.
 */
final class NormsOfFewImages implements Cause {
  private static final int FEW = 2;
  private static final int ENOUGH = 16;
  private static final int USUAL = 64;
  private static final int IMAGES = 256;

  /** Of what is to be learned. */
  private static final double MUCH = 0.15;

  /** The same of a norm of two numbers, which is a defect in itself. */
  private static final double SOME = 0.1;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    if (!history.facts().normalises()
        || history.facts().batchSize() > FEW
        || patient.shows(Symptom.NON_FINITE)
        || history.preflight(Diagnosis.DATA_NOT_SHUFFLED).isPresent()) {
      return Optional.empty();
    }
    return ofOneNumber(patient).or(() -> ofFewImages(patient)).map(found -> tried(patient, found));
  }

  /** Nothing passes it, so nothing has to be measured. */
  private static Optional<Finding> ofOneNumber(Case patient) {
    return patient.shows(Symptom.FLAT)
        ? norm(patient, 1)
            .map(
                norm ->
                    found(
                        patient,
                        "The batch norm \""
                            + norm.path()
                            + "\" sees one number of each channel in a batch of 1 image: it gives"
                            + " the same for every image, so that nothing can be learned."))
        : Optional.empty();
  }

  private static Optional<Finding> ofFewImages(Case patient) {
    int images = patient.history().facts().batchSize();
    LossRange range = patient.history().facts().judged();
    Measured measured = Measured.of(patient, images);
    double training = range.learned(measured.byFew);
    double ofMany = Math.max(0, range.learned(measured.byMany));
    double evaluated = Math.max(0, range.learned(measured.evaluated));
    if (training - Math.max(ofMany, evaluated) >= MUCH) {
      return Optional.of(
          found(
              patient,
              String.format(
                  Locale.ROOT,
                  "Batch norms see %s at a time: what is learned with the statistics of so few does"
                      + " not hold with those of all images, which evaluation takes.",
                  inWords(images)),
              measured.evidence(images)));
    }
    boolean takesMoreThanTime = patient.learnsBadly() && !patient.shows(Symptom.STILL_IMPROVING);
    return takesMoreThanTime && ofMany - Math.max(0, training) >= SOME
        ? norm(patient, 2)
            .map(
                norm ->
                    found(
                        patient,
                        "The batch norm \""
                            + norm.path()
                            + "\" sees two numbers of each channel in a batch of "
                            + inWords(images)
                            + ": all that is left of them is which is larger.",
                        measured.evidence(images)))
        : Optional.empty();
  }

  /** One that uses the batch and sees no more numbers of a channel there. */
  private static Optional<Operation> norm(Case patient, int numbers) {
    Structure structure = Structure.of(patient.subject().model());
    for (int i = 0; i < structure.operations().size(); i++) {
      Operation operation = structure.operations().get(i);
      Shape output = operation.output();
      if (operation.name().equals("BatchNorm2d")
          && output != null
          && operation.weight().isTrainable()
          && !structure.isInGate(i)
          && patient.history().facts().batchSize() * output.size() / output.dim(0) <= numbers) {
        return Optional.of(operation);
      }
    }
    return Optional.empty();
  }

  private static Finding found(Case patient, String cause, Evidence... facts) {
    return patient.primary(
        Diagnosis.BATCH_TOO_SMALL,
        Case.LIKELY,
        cause,
        BatchTooSmall.largerBatches(patient.history().facts()),
        facts);
  }

  /**
   * No treatment follows: the run itself cannot get larger batches, accumulated ones do nothing.
   */
  private static Finding tried(Case patient, Finding found) {
    Trial larger =
        Trial.from(patient.start(), "batches of " + ENOUGH + " images").batchSize(ENOUGH);
    if (!patient.trials().canAfford(larger)) {
      return found;
    }
    Optional<TrialOutcome> cured = patient.cure(larger);
    patient.trials().settleOn(null);
    return cured.map(o -> found.confirmed(Case.CONFIRMED, o.evidence())).orElse(found);
  }

  private static String inWords(int images) {
    return images == 1 ? "1 image" : images + " images";
  }

  /**
   * The loss of the same training images, all with the same weights.
   *
   * @param byFew with the statistics of batches as small as the run's
   * @param byMany with those of usual batches: running ones may be late
   * @param evaluated with the running ones
   */
  private record Measured(double byFew, double byMany, double evaluated) {
    static Measured of(Case patient, int images) {
      try (DataLoader sample =
          Examiner.sample(patient.subject().train(), IMAGES, patient.subject().seed())) {
        return new Measured(
            StaleStatistics.lossByBatch(patient.subject().model(), sample, images),
            StaleStatistics.lossByBatch(patient.subject().model(), sample, USUAL),
            new Examiner(patient.subject().model()).judge(sample).loss());
      }
    }

    Evidence evidence(int images) {
      return Evidence.of(
          String.format(
              Locale.ROOT,
              "On the same training images the loss is %.4g with the statistics of batches of %s, as"
                  + " in training, %.4g with those of %d images, and %.4g with the running ones, as"
                  + " in evaluation.",
              byFew,
              inWords(images),
              byMany,
              USUAL,
              evaluated));
    }
  }
}

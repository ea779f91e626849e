package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Checkup.Judgement;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A validation that fails from the first epoch on, in which no training image has come twice: what
 * the network knows by then it has not learned by heart, so that the two parts are not of one kind.
 * Where it takes validation images for the same classes as often, and is as sure of them, it is
 * their labels.
 */
final class ValidationUnlike implements Cause {
  private static final double HALF = 0.5;
  private static final double LEARNED = 0.1;
  private static final double CERTAIN = 4; // standard errors
  private static final double UNTRAINED = 0.05;
  private static final double SAME_MIXTURE = 0.15;
  private static final double AS_SURE = 0.15;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    if (!patient.shows(Symptom.GAP)
        || history.stepsBefore() > 0
        || history.skill(history.checkups().get(0).train()) > UNTRAINED
        || history.preflight(Diagnosis.CLASS_IMBALANCE).isPresent()
        || history.preflight(Diagnosis.DATA_NOT_SHUFFLED).isPresent()) {
      return Optional.empty();
    }
    Optional<Checkup> early = lastOfTheFirstEpoch(history).filter(c -> fails(history, c));
    if (early.isEmpty() || comesTwice(patient.subject().train().order(0))) {
      return Optional.empty();
    }
    Evidence fact = Evidence.of(words(early.get()));
    Optional<Finding> note = history.preflight(Diagnosis.PREPROCESSING_MISMATCH);
    if (note.isPresent()) {
      return Optional.of(patient.primary(note.get(), Case.LIKELY, fact));
    }
    Knowledge known = Knowledge.of(patient.subject(), patient.subject().train());
    Knowledge other = Knowledge.of(patient.subject(), patient.subject().validation());
    boolean alike =
        known.differenceTo(other) < SAME_MIXTURE
            && Math.abs(known.sureness() - other.sureness()) < AS_SURE * known.sureness();
    Evidence sure =
        Evidence.of(
            String.format(
                Locale.ROOT,
                "It gives the class it takes an image for %.0f %% on average, in training %.0f %%;"
                    + " %.0f %% of what it takes images for are other classes than there.",
                100 * other.sureness(),
                100 * known.sureness(),
                100 * known.differenceTo(other)));
    return Optional.of(
        alike
            ? patient.primary(
                Diagnosis.LABEL_NOISE,
                Case.LIKELY,
                "The labels of the validation are not those of its images: the network finds these"
                    + " as familiar as the training's, but has been wrong about them from the"
                    + " first epoch on.",
                labels(),
                fact,
                sure)
            : patient.primary(
                Diagnosis.PREPROCESSING_MISMATCH,
                Case.LIKELY,
                "The validation images are not like the training images: the network has been wrong"
                    + " about them from the first epoch on, before it could learn any by heart.",
                images(),
                fact,
                sure));
  }

  private static Optional<Checkup> lastOfTheFirstEpoch(History history) {
    long end = history.facts().stepsPerEpoch();
    return history.checkups().stream()
        .filter(c -> c.step() > 0 && c.step() <= end && c.validation() != null)
        .reduce((earlier, later) -> later);
  }

  /** By accuracy, of each class, and by loss: classes may be mixed otherwise in validation. */
  private static boolean fails(History history, Checkup checkup) {
    Judgement train = checkup.train();
    Judgement validation = checkup.validation();
    double guessed = train.largestShare();
    double known = train.accuracy() - guessed;
    double error = Math.hypot(train.standardError(), validation.standardError());
    double lead =
        Math.min(
            train.accuracy() - validation.accuracy(),
            train.macroRecall() - validation.macroRecall());
    return known > LEARNED
        && validation.accuracy() - guessed < HALF * known
        && lead > Math.max(LEARNED, CERTAIN * error)
        && history.skill(validation) < HALF * history.skill(train);
  }

  private static boolean comesTwice(int[] order) {
    return Arrays.stream(order).distinct().count() < order.length;
  }

  private static String words(Checkup early) {
    return String.format(
        Locale.ROOT,
        "At step %d, when no training image had come twice, %.1f %% of the training images were right"
            + " and %.1f %% of the validation's.",
        early.step(),
        100 * early.train().accuracy(),
        100 * early.validation().accuracy());
  }

  private static Remedy images() {
    return new Remedy(
        "Look at pictures of both parts (./gradus check-data, report.html): are they from the same"
            + " source, and cut, turned, coloured and scaled alike? If they are to differ, set a"
            + " part of the training images aside as well, to see what else goes wrong.",
        "StratifiedSplit.of(data, 0.1, 1)",
        null);
  }

  private static Remedy labels() {
    return new Remedy(
        "Look at validation images with their labels: were they read from another list, or in"
            + " another order? Number the classes of both parts by the same list of names.",
        "train.classNames().equals(validation.classNames())",
        null);
  }
}

package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.StopReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ever better on the training images, ever worse on others. */
final class Overfitting implements Cause {
  private static final double LARGE_GAP = 0.1;
  private static final double LOST = 0.03;
  private static final double USUAL_DECAY = 0.01;

  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.GAP)
        || !patient.shows(Symptom.RISING, Symptom.MEMORIZED)
        || !doesHarm(patient.history().checkups())) {
      return Optional.empty();
    }
    int best = bestEpoch(patient.history().checkups());
    return Optional.of(
        patient.primary(
            Diagnosis.OVERFITTING,
            patient.shows(Symptom.RISING) ? Case.CONFIRMED : Case.LIKELY,
            "The network learns its training images by heart: since epoch "
                + best
                + " it has not got better on others.",
            remedy(patient.history()),
            Evidence.of(
                new Evidence.Chart(
                    "Loss, judged by the doctor",
                    "step",
                    "loss",
                    false,
                    curves(patient.history().checkups())))));
  }

  /** What the run does not do yet: what it has was chosen by a person. */
  private static Remedy remedy(History history) {
    History.Facts facts = history.facts();
    List<String> words = new ArrayList<>();
    List<String> options = new ArrayList<>();
    boolean stopped = history.end() == StopReason.EARLY_STOPPING;
    if (!stopped) {
      words.add("stop when the validation stops getting better and keep the best weights");
      options.add("--early-stopping 10");
    }
    if (!facts.augments()) {
      words.add("augment the images");
      options.add(RandomViews.of(facts).option());
    }
    if (facts.decay() < USUAL_DECAY) {
      words.add("add weight decay");
      options.add("--weight-decay " + USUAL_DECAY);
    }
    if (!facts.drops()) {
      words.add("add dropout");
      if (options.isEmpty()) {
        options.add("--dropout 0.5");
      }
    }
    words.add("collect more images");
    String sentence = String.join("; ", words) + ".";
    return new Remedy(
        Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1),
        stopped
            ? null
            : "trainer.earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS).patience(10))",
        options.isEmpty() ? null : String.join(" ", options));
  }

  /**
   * Whether many more training images are right, or fewer others than there were: the loss of the
   * few that are wrong rises in good runs as well.
   */
  private static boolean doesHarm(List<Checkup> all) {
    Checkup last = all.get(all.size() - 1);
    double now = last.validation().accuracy();
    double best =
        all.stream()
            .filter(checkup -> checkup.validation() != null)
            .mapToDouble(checkup -> checkup.validation().accuracy())
            .max()
            .orElse(now);
    return last.train().accuracy() - now >= LARGE_GAP || best - now >= LOST;
  }

  private static int bestEpoch(List<Checkup> all) {
    Checkup best = null;
    for (Checkup checkup : all) {
      if (checkup.validation() != null
          && checkup.step() > 0
          && (best == null || checkup.validation().loss() < best.validation().loss())) {
        best = checkup;
      }
    }
    return best == null ? 0 : best.epoch();
  }

  private static List<Evidence.Line> curves(List<Checkup> all) {
    List<Double> x = new ArrayList<>();
    List<Double> train = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    for (Checkup checkup : all) {
      if (checkup.step() > 0
          && checkup.validation() != null
          && Double.isFinite(checkup.train().loss())
          && Double.isFinite(checkup.validation().loss())) {
        x.add((double) checkup.step());
        train.add(checkup.train().loss());
        validation.add(checkup.validation().loss());
      }
    }
    return List.of(
        new Evidence.Line("training images", x, train),
        new Evidence.Line("validation images", x, validation));
  }
}

package gradus.doctor.cause;

import gradus.autograd.Pass;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.tensor.Batch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Validation labels that are numbered otherwise than the training's: the network knows the images,
 * but calls most of a class by the name of another one.
 */
final class ValidationLabels implements Cause {
  private static final double KNOWS_MANY = 0.5;
  private static final double MOST = 0.7;
  private static final int IMAGES = 1_000;

  @Override
  public Optional<Finding> examine(Case patient) {
    Checkup last = patient.history().last();
    if (!patient.shows(Symptom.GAP)
        || last.train().accuracy() < KNOWS_MANY
        || last.validation().accuracy() > 0.5 * last.train().accuracy()) {
      return Optional.empty();
    }
    int[][] confusion = confusion(patient.subject());
    boolean[] taken = new boolean[confusion.length];
    int renamed = 0;
    int images = 0;
    int matching = 0;
    for (int label = 0; label < confusion.length; label++) {
      int said = 0;
      for (int other = 0; other < confusion.length; other++) {
        images += confusion[label][other];
        said = confusion[label][other] > confusion[label][said] ? other : said;
      }
      if (confusion[label][said] > 0) {
        if (taken[said]) {
          return Optional.empty(); // two classes become one: not another numbering
        }
        taken[said] = true;
        matching += confusion[label][said];
        renamed += said == label ? 0 : 1;
      }
    }
    if (renamed < 2 || matching < MOST * images) {
      return Optional.empty();
    }
    List<String> names = patient.subject().validation().dataset().classNames();
    return Optional.of(
        patient.primary(
            Diagnosis.LABEL_NOISE,
            Case.CONFIRMED,
            String.format(
                Locale.ROOT,
                "The labels of the validation are not those of the training: %d of %d classes have"
                    + " another number there.",
                renamed,
                names.size()),
            new Remedy(
                "Number the classes of both parts by the same list of names.",
                "train.classNames().equals(validation.classNames())",
                null),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "With the classes renamed, %.1f %% of the validation images are right instead of"
                        + " %.1f %%.",
                    100.0 * matching / images,
                    100 * last.validation().accuracy()))));
  }

  /** How often images with a label, the row, are taken for each class. */
  private static int[][] confusion(Subject subject) {
    int classes = subject.classes();
    int[][] counts = new int[classes][classes];
    try (DataLoader sample = Examiner.sample(subject.validation(), IMAGES, subject.seed());
        Epoch epoch = sample.epoch(0)) {
      for (Batch batch : epoch) {
        float[] logits;
        try (Pass pass = Pass.evaluating(subject.model().backend())) {
          logits = subject.model().forward(pass.images(batch)).toArray();
        }
        int outputs = logits.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
          int best = 0;
          for (int c = 1; c < Math.min(outputs, classes); c++) {
            best = logits[i * outputs + c] > logits[i * outputs + best] ? c : best;
          }
          counts[batch.labels().get(i)][best]++;
        }
      }
    }
    return counts;
  }
}

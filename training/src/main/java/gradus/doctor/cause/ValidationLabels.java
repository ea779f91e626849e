package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Validation labels that are numbered otherwise than the training's: the network knows the images,
 * but calls most of a class by the name of another one. What each is called is read off one half of
 * the images, and holds for the other.
 */
final class ValidationLabels implements Cause {
  private static final double KNOWS_SOME = 0.15;
  private static final double HALF = 0.5;
  private static final double MOST = 0.6; // of what is right in training
  private static final double MANY_TIMES = 2;

  @Override
  public Optional<Finding> examine(Case patient) {
    Checkup last = patient.history().last();
    if (!patient.shows(Symptom.GAP)
        || last.train().accuracy() - last.train().largestShare() < KNOWS_SOME
        || last.validation().accuracy() > HALF * last.train().accuracy()) {
      return Optional.empty();
    }
    Knowledge known = Knowledge.of(patient.subject(), patient.subject().validation());
    int[] names = names(known);
    double renamed = (renamed(known, true) + renamed(known, false)) / 2;
    long others = differing(names);
    if (others < 2
        || renamed < MOST * last.train().accuracy()
        || renamed < MANY_TIMES * known.accuracy()) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.LABEL_NOISE,
            Case.CONFIRMED,
            String.format(
                Locale.ROOT,
                "The labels of the validation are not those of the training: %d of %d classes have"
                    + " another number there.",
                others,
                known.classes()),
            new Remedy(
                "Number the classes of both parts by the same list of names.",
                "train.classNames().equals(validation.classNames())",
                null),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "With the classes renamed, %.1f %% of the validation images are right instead of"
                        + " %.1f %%.",
                    100 * renamed,
                    100 * known.accuracy()))));
  }

  /** The share of one half that is right by the names that the other half suggests. */
  private static double renamed(Knowledge known, boolean first) {
    int[] names = names(known.half(!first));
    Knowledge half = known.half(first);
    long right = half.answers().stream().filter(a -> names[a.label()] == a.taken()).count();
    return right / (double) half.answers().size();
  }

  private record Pair(int label, int taken, int images) {}

  /** What each label is called: the most frequent pairs first, no name twice; -1 for none. */
  private static int[] names(Knowledge known) {
    int[][] confusion = known.confusion();
    List<Pair> pairs = new ArrayList<>();
    for (int label = 0; label < confusion.length; label++) {
      for (int taken = 0; taken < confusion.length; taken++) {
        if (confusion[label][taken] > 0) {
          pairs.add(new Pair(label, taken, confusion[label][taken]));
        }
      }
    }
    pairs.sort(Comparator.comparingInt(Pair::images).reversed());
    int[] names = new int[confusion.length];
    Arrays.fill(names, -1);
    boolean[] given = new boolean[confusion.length];
    for (Pair pair : pairs) {
      if (names[pair.label()] < 0 && !given[pair.taken()]) {
        names[pair.label()] = pair.taken();
        given[pair.taken()] = true;
      }
    }
    return names;
  }

  private static long differing(int[] names) {
    long others = 0;
    for (int label = 0; label < names.length; label++) {
      others += names[label] >= 0 && names[label] != label ? 1 : 0;
    }
    return others;
  }
}

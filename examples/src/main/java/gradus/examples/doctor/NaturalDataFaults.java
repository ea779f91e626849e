package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.CAPACITY_TOO_HIGH;
import static gradus.doctor.Diagnosis.CLASS_IMBALANCE;
import static gradus.doctor.Diagnosis.DATA_LEAKAGE;
import static gradus.doctor.Diagnosis.DATA_NOT_SHUFFLED;
import static gradus.doctor.Diagnosis.INSUFFICIENT_DATA;
import static gradus.doctor.Diagnosis.LABEL_NOISE;
import static gradus.doctor.Diagnosis.OVERFITTING;
import static gradus.doctor.Diagnosis.PREPROCESSING_MISMATCH;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.data.Dataset;
import gradus.data.Sampler;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.ReLU;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Wrong labels, wrong amounts and wrong company of photographs. */
final class NaturalDataFaults {
  /** Each class of CIFAR-10, and the one it is most like. */
  private static final int[] ALIKE = {8, 9, 0, 5, 7, 3, 2, 4, 0, 1};

  /** CIFAR-10's classes in the order of a list where vehicles come first. */
  private static final int[] VEHICLES_FIRST = {0, 1, 4, 5, 6, 7, 8, 9, 2, 3};

  private final Pictures natural;

  NaturalDataFaults(Pictures natural) {
    this.natural = natural;
  }

  List<Scenario> all() {
    return List.of(
        someWrongLabels(),
        manyWrongLabels(),
        mistakenForEachOther(),
        otherNumbering(),
        offByOne(),
        copies(),
        threeLargeClasses(),
        shortShuffle(),
        fewImages(),
        byHeart());
  }

  private Scenario someWrongLabels() {
    Dataset train = withDrawnLabels(0.35);
    return faulty(
        "N07",
        "35 % of the labels drawn at random, 14 epochs",
        Twin.E,
        () -> Recipe.tutorial(natural.train(train)).epochs(14),
        LABEL_NOISE,
        OVERFITTING);
  }

  private Scenario manyWrongLabels() {
    Dataset train = withDrawnLabels(0.75);
    return faulty(
        "N08",
        "75 % of the labels drawn at random",
        Twin.D,
        () -> Recipe.photographs(natural.train(train)),
        LABEL_NOISE);
  }

  private Dataset withDrawnLabels(double share) {
    Random random = new Random(35);
    Dataset all = natural.train();
    int[] labels =
        IntStream.range(0, all.size())
            .map(i -> random.nextDouble() < share ? random.nextInt(10) : all.label(i))
            .toArray();
    return AlteredDataset.labels(all, "with drawn labels: " + share, i -> labels[i]);
  }

  private Scenario mistakenForEachOther() {
    Random random = new Random(10);
    Dataset all = natural.train();
    int[] labels =
        IntStream.range(0, all.size())
            .map(i -> random.nextDouble() < 0.45 ? ALIKE[all.label(i)] : all.label(i))
            .toArray();
    Dataset train = AlteredDataset.labels(all, "with classes mixed up", i -> labels[i]);
    return faulty(
        "N09",
        "45 % of the pictures labelled as the class that is most like theirs",
        Twin.D,
        () -> Recipe.photographs(natural.train(train)),
        LABEL_NOISE);
  }

  private Scenario otherNumbering() {
    Dataset all = natural.validation();
    Dataset renumbered =
        AlteredDataset.labels(all, "vehicles first", i -> VEHICLES_FIRST[all.label(i)]);
    return faulty(
        "N10",
        "classes of validation numbered in another order",
        Twin.E,
        () -> Recipe.tutorial(natural.validation(renumbered)),
        LABEL_NOISE,
        PREPROCESSING_MISMATCH);
  }

  private Scenario offByOne() {
    Dataset all = natural.train();
    Dataset shifted =
        AlteredDataset.labels(
            all, "with the labels of the next", i -> all.label((i + 1) % all.size()));
    return faulty(
        "N11",
        "a ResNet; every picture has the label of the next one",
        Twin.D,
        () -> Recipe.photographs(natural.train(shifted)).network(NaturalNetworks::residual),
        LABEL_NOISE);
  }

  private Scenario copies() {
    Dataset validation = natural.validation();
    int[] known = IntStream.range(0, validation.size() * 2 / 5).toArray();
    Dataset train = natural.train().concat(validation.subset(known));
    return faulty(
        "N12",
        "two fifths of the validation pictures are in training as well, 16 epochs",
        Twin.E,
        () -> Recipe.tutorial(natural.train(train)).epochs(16),
        DATA_LEAKAGE);
  }

  private Scenario threeLargeClasses() {
    return faulty(
        "N13",
        "1,500 pictures of three classes, 40 of each other one",
        Twin.D,
        () -> Recipe.photographs(natural.perClass(label -> label < 3 ? 1_500 : 40)),
        CLASS_IMBALANCE);
  }

  private Scenario shortShuffle() {
    Dataset all = natural.train();
    int[] sorted =
        IntStream.range(0, all.size())
            .boxed()
            .sorted(Comparator.comparingInt(all::label))
            .mapToInt(Integer::intValue)
            .toArray();
    return faulty(
        "N14",
        "sorted by class, and shuffled among the 200 that come next alone",
        Twin.E,
        () ->
            Recipe.tutorial(natural.train(all.subset(sorted)))
                .order((train, seed) -> new ShortShuffle(train.size(), 200, seed)),
        DATA_NOT_SHUFFLED);
  }

  private Scenario fewImages() {
    return faulty(
        "N15",
        "30 pictures of each class, 40 epochs",
        Twin.D,
        () -> Recipe.photographs(natural.perClass(label -> 30)).batch(20).epochs(40),
        INSUFFICIENT_DATA,
        OVERFITTING,
        CAPACITY_TOO_HIGH);
  }

  private Scenario byHeart() {
    return faulty(
        "N16",
        "1,200 pictures, 512 units, no augmentation, 30 epochs",
        Twin.E,
        () ->
            Recipe.tutorial(natural.perClass(label -> 120))
                .network(
                    () ->
                        NaturalNetworks.tutorial(
                            ReLU::new, Initializer.kaimingNormal(), Initializer.zeros(), 512))
                .epochs(30),
        OVERFITTING,
        INSUFFICIENT_DATA,
        CAPACITY_TOO_HIGH);
  }

  /** Shuffles within a window, as a stream with a short buffer does. */
  private record ShortShuffle(int size, int window, long seed) implements Sampler {
    @Override
    public int[] order(int epoch) {
      int[] order = IntStream.range(0, size).toArray();
      Random random = new Random(seed * 1_000_003 + epoch);
      for (int i = 0; i < size; i++) {
        int j = i + random.nextInt(Math.min(window, size - i));
        int next = order[j];
        order[j] = order[i];
        order[i] = next;
      }
      return order;
    }
  }
}

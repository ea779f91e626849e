package gradus.data;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.data.npy.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The three parts of an experiment, with the same classes in the same order.
 *
 * @param train what the weights are learned from
 * @param validation what choices are made on: when to stop, which settings
 * @param test what is looked at once, in the end
 */
public record DataSplits(Dataset train, Dataset validation, Dataset test) {
  private static final double DEFAULT_FRACTION = 0.1;

  /** Checks that the classes agree. */
  public DataSplits {
    requireSameClasses(train, validation);
    requireSameClasses(train, test);
  }

  /** Cuts a validation part, stratified, off the training images of a set that has none. */
  public static DataSplits of(
      Dataset trainAndValidation, Dataset test, double validationFraction, long seed) {
    StratifiedSplit split = StratifiedSplit.of(trainAndValidation, validationFraction, seed);
    return new DataSplits(split.train(), split.validation(), test);
  }

  /**
   * The parts of an image folder: its sub-folders {@code train}, {@code val} (or {@code valid},
   * {@code validation}) and {@code test} as far as there are any, else a tenth of the pictures
   * each, stratified.
   */
  public static DataSplits ofFolder(
      Path folder, ColorMode colors, ImageFolder.Damaged damaged, long seed) {
    Path trainFolder = folder.resolve("train");
    Dataset train =
        ImageFolder.open(Files.isDirectory(trainFolder) ? trainFolder : folder, colors, damaged);
    Dataset test = null;
    Dataset validation = null;
    if (Files.isDirectory(trainFolder)) {
      validation = firstOf(folder, List.of("val", "valid", "validation"), colors, damaged);
      test = firstOf(folder, List.of("test"), colors, damaged);
    }
    return complete(train, validation, test, seed);
  }

  /**
   * The parts of a CSV file: what its column {@code split} says as far as there are any, else a
   * tenth of the pictures each, stratified.
   */
  public static DataSplits ofCsv(
      Path csv, ColorMode colors, ImageFolder.Damaged damaged, long seed) {
    CsvDataset.Index index = CsvDataset.Index.read(csv);
    if (index.splits().isEmpty()) {
      return complete(CsvDataset.open(csv, colors, damaged), null, null, seed);
    }
    ImageFiles all = index.dataset(csv, colors);
    if (damaged == ImageFolder.Damaged.SKIP) {
      int[] whole = all.whole();
      all = all.keep(whole);
      index = index.keep(whole);
    }
    Dataset train = part(all, index, "train");
    if (train == null) {
      throw new GradusException(csv + ": no row has the split train; there is nothing to learn.");
    }
    return complete(train, part(all, index, "validation"), part(all, index, "test"), seed);
  }

  /**
   * The parts of a NumPy file with the names of Keras ({@code x_train, y_train, x_test, y_test},
   * also {@code x_val, y_val}) or MedMNIST ({@code train_images, train_labels, ...}), or with
   * {@code images} and {@code labels} alone. What is not there is cut off, a tenth each.
   *
   * @throws GradusException if there is no training part
   */
  public static DataSplits ofNpz(Path file, long seed) {
    try (Npz npz = Npz.open(file)) {
      String[][] names = {{"x_%s", "y_%s"}, {"%s_images", "%s_labels"}, {"images", "labels"}};
      for (String[] pattern : names) {
        if (npz.names().contains(pattern[0].formatted("train"))) {
          return ofNpz(npz, file, pattern, seed);
        }
      }
      throw new GradusException(
          file
              + " has the arrays "
              + npz.names()
              + ", but no training images: they must be called x_train and y_train, train_images"
              + " and train_labels, or images and labels.");
    }
  }

  private static DataSplits ofNpz(Npz npz, Path file, String[] pattern, long seed) {
    List<String> parts = List.of("train", "val", "test");
    boolean whole = pattern[0].indexOf('%') < 0;
    int[][] labels = new int[3][];
    for (int p = 0; p < (whole ? 1 : 3); p++) {
      if (npz.names().contains(pattern[0].formatted(parts.get(p)))) {
        String name = pattern[1].formatted(parts.get(p));
        labels[p] = NpzDataset.labels(npz.read(name), file, name);
      }
    }
    int[][] present = Arrays.stream(labels).filter(Objects::nonNull).toArray(int[][]::new);
    List<String> classes = NpzDataset.classes(present);
    Dataset[] sets = new Dataset[3];
    for (int p = 0; p < 3; p++) {
      if (labels[p] != null) {
        String name = pattern[0].formatted(parts.get(p));
        sets[p] = NpzDataset.of(npz, file, name, labels[p], classes);
      }
    }
    return complete(sets[0], sets[1], sets[2], seed);
  }

  private static Dataset part(Dataset all, CsvDataset.Index index, String split) {
    int[] rows = index.of(split);
    return rows.length == 0 ? null : new Subset(all, rows, "split " + split + " of " + all.name());
  }

  /** Cuts what is null off the training part, a tenth each. */
  private static DataSplits complete(Dataset train, Dataset validation, Dataset test, long seed) {
    Dataset rest = train;
    Dataset tests = test;
    // The test part first, so that it is the same whatever becomes of the validation part.
    if (tests == null) {
      StratifiedSplit split = StratifiedSplit.of(rest, DEFAULT_FRACTION, seed);
      rest = split.train();
      tests = split.validation();
    }
    return validation == null
        ? of(rest, tests, DEFAULT_FRACTION, seed + 1)
        : new DataSplits(rest, validation, tests);
  }

  private static Dataset firstOf(
      Path folder, List<String> names, ColorMode colors, ImageFolder.Damaged damaged) {
    for (String name : names) {
      if (Files.isDirectory(folder.resolve(name))) {
        return ImageFolder.open(folder.resolve(name), colors, damaged);
      }
    }
    return null;
  }

  private static void requireSameClasses(Dataset train, Dataset other) {
    if (!train.classNames().equals(other.classNames())) {
      throw new GradusException(
          train.name()
              + " has the classes "
              + train.classNames()
              + ", but "
              + other.name()
              + " has "
              + other.classNames()
              + ". Every part needs the same class folders.");
    }
  }
}

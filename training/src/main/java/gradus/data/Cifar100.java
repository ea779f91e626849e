package gradus.data;

import gradus.GradusException;
import gradus.data.download.DownloadCache;
import gradus.data.download.RemoteArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-100: a hundred kinds of things ("fine" labels), 50,000 to train and 10,000 to test, {@code
 * [3,32,32]}, in its binary version.
 *
 * <p>Krizhevsky: Learning multiple layers of features from tiny images, 2009.
 */
public final class Cifar100 {
  private static final String FOLDER = "cifar-100-binary";
  private static final String NAMES = "fine_label_names.txt";
  private static final String TRAIN = "train.bin";
  private static final String TEST = "test.bin";
  private static final int CLASSES = 100;

  private static final RemoteArchive ARCHIVE =
      new RemoteArchive(
          "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
          "03b5dce01913d631647c71ecec9e9cb8",
          FOLDER,
          List.of(TRAIN, TEST, NAMES));

  private Cifar100() {}

  /** The training images of a folder with {@code train.bin} and {@code fine_label_names.txt}. */
  public static Dataset train(Path folder) {
    return read("cifar100-train", folder, TRAIN);
  }

  /** The test images of a folder with {@code test.bin} and {@code fine_label_names.txt}. */
  public static Dataset test(Path folder) {
    return read("cifar100-test", folder, TEST);
  }

  /** Brings the files into the cache, unless they are there, and returns their folder. */
  public static Path download(DownloadCache cache) {
    return cache.fetch("cifar100", ARCHIVE);
  }

  private static Dataset read(String name, Path folder, String file) {
    List<Path> found = CifarFiles.find(folder, FOLDER, List.of(file, NAMES));
    return CifarFiles.read(name, found.subList(0, 1), 2, classNames(found.get(1)));
  }

  private static List<String> classNames(Path file) {
    List<String> names;
    try {
      names = Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
    if (names.size() != CLASSES) {
      throw new GradusException(
          file + " has " + names.size() + " names, but CIFAR-100 has " + CLASSES + " classes.");
    }
    return names;
  }
}

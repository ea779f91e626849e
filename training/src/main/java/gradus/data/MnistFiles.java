package gradus.data;

import gradus.GradusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The four IDX files both MNIST and Fashion-MNIST consist of. */
final class MnistFiles {
  static final List<String> NAMES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  private MnistFiles() {}

  /** Reads the pair {@code PREFIX-images} and {@code PREFIX-labels}. */
  static Dataset read(Path folder, String prefix, String name, List<String> classNames) {
    Path imageFile = find(folder, prefix + "-images-idx3-ubyte");
    Path labelFile = find(folder, prefix + "-labels-idx1-ubyte");
    IdxFile images = IdxFile.read(imageFile, 3);
    IdxFile labels = IdxFile.read(labelFile, 1);
    if (images.extent(0) != labels.extent(0)) {
      throw new GradusException(
          imageFile
              + " holds "
              + images.extent(0)
              + " images, but "
              + labelFile
              + " holds "
              + labels.extent(0)
              + " labels; they are not of one set.");
    }
    byte[] numbers = labels.bytes();
    for (int i = 0; i < numbers.length; i++) {
      if ((numbers[i] & 0xff) >= classNames.size()) {
        throw new GradusException(
            labelFile
                + ", offset "
                + (8 + i)
                + ": the label is "
                + (numbers[i] & 0xff)
                + ", but there are only "
                + classNames.size()
                + " classes. Download it again, or check that it belongs to this data set.");
      }
    }
    return new PackedImages(
        name, classNames, 1, images.extent(1), images.extent(2), images.bytes(), numbers);
  }

  /**
   * Where a file lies: plain or gzipped, in the folder or in {@code raw}, where PyTorch puts it.
   */
  private static Path find(Path folder, String name) {
    for (Path place : List.of(folder, folder.resolve("raw"))) {
      for (String ending : List.of("", ".gz")) {
        Path file = place.resolve(name + ending);
        if (Files.isRegularFile(file)) {
          return file;
        }
      }
    }
    throw new GradusException(
        "There is no "
            + name
            + " or "
            + name
            + ".gz in "
            + folder.toAbsolutePath()
            + ". The folder must hold "
            + String.join(", ", NAMES)
            + ", each plain or with .gz.");
  }
}

package gradus.data;

import gradus.data.download.DownloadCache;
import gradus.data.download.RemoteArchive;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-10: ten kinds of things, 50,000 to train and 10,000 to test, {@code [3,32,32]}, in its
 * binary version.
 *
 * <p>Krizhevsky: Learning multiple layers of features from tiny images, 2009.
 */
public final class Cifar10 {
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final String FOLDER = "cifar-10-batches-bin";
  private static final List<String> TRAIN =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");
  private static final List<String> TEST = List.of("test_batch.bin");

  private static final RemoteArchive ARCHIVE =
      new RemoteArchive(
          "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
          "c32a1d4ab5d03f1284b67883e8d87530",
          FOLDER,
          RemoteArchive.members(TRAIN, TEST));

  private Cifar10() {}

  /**
   * The training images of a folder with the binary files, or with the unpacked archive's folder.
   */
  public static Dataset train(Path folder) {
    return CifarFiles.read("cifar10-train", CifarFiles.find(folder, FOLDER, TRAIN), 1, CLASSES);
  }

  /** The test images of a folder with the binary files, or with the unpacked archive's folder. */
  public static Dataset test(Path folder) {
    return CifarFiles.read("cifar10-test", CifarFiles.find(folder, FOLDER, TEST), 1, CLASSES);
  }

  /** Brings the files into the cache, unless they are there, and returns their folder. */
  public static Path download(DownloadCache cache) {
    return cache.fetch("cifar10", ARCHIVE);
  }
}

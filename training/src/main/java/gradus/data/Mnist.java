package gradus.data;

import gradus.data.download.DownloadCache;
import gradus.data.download.RemoteFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * MNIST: handwritten digits, 60,000 to train and 10,000 to test, {@code [1,28,28]}.
 *
 * <p>LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998.
 */
public final class Mnist {
  private static final List<String> CLASSES =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  // The original site no longer serves the files; these two are the mirrors PyTorch and TensorFlow
  // use.
  private static final List<RemoteFile> FILES =
      RemoteFile.list(
          List.of(
              "https://ossci-datasets.s3.amazonaws.com/mnist/",
              "https://storage.googleapis.com/cvdf-datasets/mnist/"),
          "train-images-idx3-ubyte.gz",
          "f68b3c2dcbeaaa9fbdd348bbdeb94873",
          "train-labels-idx1-ubyte.gz",
          "d53e105ee54ea40749a09fcbcd1e9432",
          "t10k-images-idx3-ubyte.gz",
          "9fb629c4189551a2d022fa330f9573f3",
          "t10k-labels-idx1-ubyte.gz",
          "ec29112dd5afa0611ce80d1b7f02629c");

  private Mnist() {}

  /** The training images of a folder with the four files, each plain or {@code .gz}. */
  public static Dataset train(Path folder) {
    return MnistFiles.read(folder, "train", "mnist-train", CLASSES);
  }

  /** The test images of a folder with the four files, each plain or {@code .gz}. */
  public static Dataset test(Path folder) {
    return MnistFiles.read(folder, "t10k", "mnist-test", CLASSES);
  }

  /** Brings the files into the cache, unless they are there, and returns their folder. */
  public static Path download(DownloadCache cache) {
    return cache.fetch("mnist", FILES);
  }
}

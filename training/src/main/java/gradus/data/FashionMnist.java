package gradus.data;

import gradus.data.download.DownloadCache;
import gradus.data.download.RemoteFile;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: articles of clothing, 60,000 to train and 10,000 to test, {@code [1,28,28]}.
 *
 * <p>Xiao, Rasul, Vollgraf, 2017, <a href="https://arxiv.org/abs/1708.07747">arXiv:1708.07747</a>.
 */
public final class FashionMnist {
  private static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private static final List<RemoteFile> FILES =
      RemoteFile.list(
          List.of(
              "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
              "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
          "train-images-idx3-ubyte.gz",
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
          "train-labels-idx1-ubyte.gz",
          "25c81989df183df01b3e8a0aad5dffbe",
          "t10k-images-idx3-ubyte.gz",
          "bef4ecab320f06d8554ea6380940ec79",
          "t10k-labels-idx1-ubyte.gz",
          "bb300cfdad3c16e7a12a480ee83cd310");

  private FashionMnist() {}

  /** The training images of a folder with the four files, each plain or {@code .gz}. */
  public static Dataset train(Path folder) {
    return MnistFiles.read(folder, "train", "fashion-mnist-train", CLASSES);
  }

  /** The test images of a folder with the four files, each plain or {@code .gz}. */
  public static Dataset test(Path folder) {
    return MnistFiles.read(folder, "t10k", "fashion-mnist-test", CLASSES);
  }

  /** Brings the files into the cache, unless they are there, and returns their folder. */
  public static Path download(DownloadCache cache) {
    return cache.fetch("fashion-mnist", FILES);
  }
}

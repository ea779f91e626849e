package gradus.examples.command;

import gradus.data.Cifar10;
import gradus.data.Cifar100;
import gradus.data.DataSplits;
import gradus.data.FashionMnist;
import gradus.data.ImageFolder;
import gradus.data.Mnist;
import gradus.data.Shapes;
import gradus.data.download.DownloadCache;
import gradus.data.image.ColorMode;
import gradus.examples.net.Network;
import gradus.examples.net.Networks;
import java.nio.file.Path;
import java.util.Locale;

/** The data sets that can be chosen by name, and what suits each. */
enum DataKind {
  BUILTIN,
  MNIST,
  FASHION_MNIST,
  CIFAR10,
  CIFAR100,
  FOLDER,
  CSV,
  NPZ;

  private static final double VALIDATION_FRACTION = 0.1;

  /**
   * Opens the set, pictures in their own size. Where it brings no validation part, a tenth of the
   * training images becomes it, drawn by the seed.
   *
   * @param folder where the files are; null to download them into the cache
   */
  DataSplits open(Path folder, boolean skipDamaged, DownloadCache cache, long seed) {
    return switch (this) {
      case BUILTIN -> Shapes.splits();
      case MNIST -> {
        Path files = folder != null ? folder : Mnist.download(cache);
        yield DataSplits.of(Mnist.train(files), Mnist.test(files), VALIDATION_FRACTION, seed);
      }
      case FASHION_MNIST -> {
        Path files = folder != null ? folder : FashionMnist.download(cache);
        yield DataSplits.of(
            FashionMnist.train(files), FashionMnist.test(files), VALIDATION_FRACTION, seed);
      }
      case CIFAR10 -> {
        Path files = folder != null ? folder : Cifar10.download(cache);
        yield DataSplits.of(Cifar10.train(files), Cifar10.test(files), VALIDATION_FRACTION, seed);
      }
      case CIFAR100 -> {
        Path files = folder != null ? folder : Cifar100.download(cache);
        yield DataSplits.of(Cifar100.train(files), Cifar100.test(files), VALIDATION_FRACTION, seed);
      }
      case NPZ -> DataSplits.ofNpz(folder, seed);
      case FOLDER, CSV -> openPictures(folder, skipDamaged, seed);
    };
  }

  /** Whether pictures are of any size, so that they must be fitted to one. */
  boolean hasPictures() {
    return this == FOLDER || this == CSV;
  }

  private DataSplits openPictures(Path place, boolean skipDamaged, long seed) {
    ImageFolder.Damaged damaged = skipDamaged ? ImageFolder.Damaged.SKIP : ImageFolder.Damaged.FAIL;
    return this == CSV
        ? DataSplits.ofCsv(place, ColorMode.RGB, damaged, seed)
        : DataSplits.ofFolder(place, ColorMode.RGB, damaged, seed);
  }

  /** The network it is trained with unless another one is asked for. */
  Network network() {
    return switch (this) {
      case MNIST, FASHION_MNIST -> Networks.LENET;
      case BUILTIN, CIFAR10, CIFAR100, FOLDER, CSV, NPZ -> Networks.DEEPERCNN;
    };
  }

  /** How often all images are seen unless asked otherwise. */
  int epochs() {
    return this == MNIST || this == BUILTIN ? 5 : 10;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

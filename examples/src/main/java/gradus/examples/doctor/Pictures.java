package gradus.examples.doctor;

import gradus.data.Cifar10;
import gradus.data.Dataset;
import gradus.data.Mnist;
import gradus.data.Shapes;
import gradus.data.StratifiedSplit;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The pictures of a family of runs: what there is to train with, the part that is trained with, and
 * what runs are judged on. The same in every run, whatever its seed.
 *
 * @param pool all that may be trained with, of which {@code train} is a part
 * @param train 10 classes of about the same size
 * @param validation none of which is in the pool
 * @param normalize by mean and deviation of {@code train}
 */
public record Pictures(Dataset pool, Dataset train, Dataset validation, Normalize normalize) {
  private static final long SEED = 7;
  private static final int GREY_SIDE = 28;

  /**
   * Handwritten digits {@code [1,28,28]}: 5,000 of MNIST to train with, 1,000 to judge by.
   *
   * @param folder with the files of MNIST, or null for {@linkplain #greyShapes drawn} pictures
   */
  public static Pictures grey(Path folder) {
    if (folder == null) {
      return greyShapes();
    }
    Dataset all = Mnist.train(folder);
    StratifiedSplit split = StratifiedSplit.of(all, 1_000.0 / all.size(), SEED);
    return of(split.train(), StratifiedSplit.take(split.train(), 5_000, SEED), split.validation());
  }

  /** The drawn pictures of {@link #color} in grey {@code [1,28,28]}, where there is no MNIST. */
  public static Pictures greyShapes() {
    Dataset pool = shapes(25_000, SEED, Pictures::grey);
    return of(pool, pool.take(5_000), shapes(1_000, SEED + 1, Pictures::grey));
  }

  /**
   * Drawn pictures {@code [3,32,32]}: 8,000 to train with, 1,000 to judge by. The background is
   * black: against backgrounds of all colours a small network needs far more pictures than a run of
   * seconds can show it.
   */
  public static Pictures color() {
    Dataset train = shapes(8_000, SEED, image -> image);
    return of(train, train, shapes(1_000, SEED + 1, image -> image));
  }

  /**
   * Photographs {@code [3,32,32]}: a fortieth of CIFAR-10's 50,000 to judge by, 6,000 of the rest
   * to train with.
   *
   * @param folder with its binary files
   */
  public static Pictures natural(Path folder) {
    StratifiedSplit split = StratifiedSplit.of(Cifar10.train(folder), 1.0 / 40, SEED);
    int train = Math.min(6_000, split.train().size());
    return of(split.train(), StratifiedSplit.take(split.train(), train, SEED), split.validation());
  }

  private static Dataset shapes(int size, long seed, UnaryOperator<Image> last) {
    return Shapes.of(size, seed)
        .map((image, random) -> last.apply(withoutBackground(image)))
        .cache();
  }

  private static Pictures of(Dataset pool, Dataset train, Dataset validation) {
    Normalize normalize =
        Normalize.from(StratifiedSplit.take(train, Math.min(1_000, train.size()), SEED).images());
    return new Pictures(pool, train, validation, normalize);
  }

  /** The same with other pictures to judge by. */
  Pictures validation(Dataset other) {
    return new Pictures(pool, train, other, normalize);
  }

  /** The same with other pictures to train with. */
  Pictures train(Dataset other) {
    return new Pictures(pool, other, validation, normalize);
  }

  /** The first {@code count(label)} pictures of every class of the pool. */
  Pictures perClass(IntUnaryOperator count) {
    int[] taken = new int[pool.classNames().size()];
    int[] chosen =
        IntStream.range(0, pool.size())
            .filter(i -> taken[pool.label(i)]++ < count.applyAsInt(pool.label(i)))
            .toArray();
    return train(pool.subset(chosen));
  }

  /** How far each value is from the usual one of the picture's border, in its channel. */
  private static Image withoutBackground(Image image) {
    int height = image.height();
    int width = image.width();
    float[] values = new float[image.size()];
    for (int c = 0; c < image.channels(); c++) {
      float[] border = new float[2 * (height + width)];
      int n = 0;
      for (int x = 0; x < width; x++) {
        border[n++] = image.value(c, 0, x);
        border[n++] = image.value(c, height - 1, x);
      }
      for (int y = 0; y < height; y++) {
        border[n++] = image.value(c, y, 0);
        border[n++] = image.value(c, y, width - 1);
      }
      Arrays.sort(border);
      float background = border[n / 2];
      int plane = height * width;
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        values[i] = Math.abs(image.valueAt(i) - background);
      }
    }
    return Image.ofFloats(image.channels(), height, width, values);
  }

  /** The mean of the channels of every pixel, the middle of the picture. */
  private static Image grey(Image image) {
    int edge = (image.height() - GREY_SIDE) / 2;
    float[] values = new float[GREY_SIDE * GREY_SIDE];
    for (int y = 0; y < GREY_SIDE; y++) {
      for (int x = 0; x < GREY_SIDE; x++) {
        float sum = 0;
        for (int c = 0; c < image.channels(); c++) {
          sum += image.value(c, y + edge, x + edge);
        }
        values[y * GREY_SIDE + x] = sum / image.channels();
      }
    }
    return Image.ofFloats(1, GREY_SIDE, GREY_SIDE, values);
  }
}

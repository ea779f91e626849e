package gradus.data.transform;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.image.ImageView;
import gradus.data.image.PixelScale;
import java.util.Arrays;
import java.util.Iterator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Gives every channel mean 0 and standard deviation 1 over the data set: {@code (value - mean[c]) /
 * sd[c]}, where values are 0 to 1 as always in {@link Image}.
 *
 * <p>Usually the last transform; the loader then does it while it copies into the batch.
 */
public final class Normalize implements Transform {
  /** Of the 60,000 training images of MNIST. */
  public static final Normalize MNIST = of(new float[] {0.1307f}, new float[] {0.3081f});

  /** Of the 60,000 training images of Fashion-MNIST. */
  public static final Normalize FASHION_MNIST = of(new float[] {0.2860f}, new float[] {0.3530f});

  /** Of the 50,000 training images of CIFAR-10. */
  public static final Normalize CIFAR10 =
      of(new float[] {0.4914f, 0.4822f, 0.4465f}, new float[] {0.2470f, 0.2435f, 0.2616f});

  /** Of the training images of ImageNet, as pretrained weights expect it. */
  public static final Normalize IMAGENET =
      of(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

  private final float[] mean;
  private final float[] sd;
  private final PixelScale scale;

  private Normalize(float[] mean, float[] sd) {
    this.mean = mean;
    this.sd = sd;
    float[] factor = new float[mean.length];
    float[] shift = new float[mean.length];
    for (int c = 0; c < mean.length; c++) {
      factor[c] = 1f / sd[c];
      shift[c] = -mean[c] / sd[c];
    }
    scale = PixelScale.of(factor, shift);
  }

  /**
   * From known numbers, one pair for each channel.
   *
   * @throws GradusException if the lengths differ, or a deviation is not positive
   */
  public static Normalize of(float[] mean, float[] sd) {
    if (mean.length == 0 || mean.length != sd.length) {
      throw new GradusException(
          "Normalize: one mean and one standard deviation for each channel are needed, but there are "
              + mean.length
              + " and "
              + sd.length
              + ".");
    }
    for (int c = 0; c < sd.length; c++) {
      if (!(sd[c] > 0) || !Float.isFinite(sd[c]) || !Float.isFinite(mean[c])) {
        throw new GradusException(
            "Normalize: channel "
                + c
                + " has mean "
                + mean[c]
                + " and standard deviation "
                + sd[c]
                + "; the mean must be a number and the deviation above 0.");
      }
    }
    return new Normalize(mean.clone(), sd.clone());
  }

  /** Mean 0 and deviation 1 for each channel: the values stay 0 to 1. */
  public static Normalize none(int channels) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return of(new float[channels], ones);
  }

  /**
   * Measured over images, each of which counts by its pixels. Pass the training split's alone
   * ({@code Normalize.from(train.images())}): statistics of the test images would leak into
   * training.
   *
   * @throws GradusException if there is no image, their channels differ, or a channel is constant
   */
  public static Normalize from(Stream<Image> images) {
    double[] sum = null;
    double[] squares = null;
    long pixels = 0;
    for (Iterator<Image> rest = images.iterator(); rest.hasNext(); ) {
      Image image = rest.next();
      if (sum == null) {
        sum = new double[image.channels()];
        squares = new double[image.channels()];
      } else if (sum.length != image.channels()) {
        throw new GradusException(
            "Normalize: images of "
                + sum.length
                + " and of "
                + image.channels()
                + " channels cannot be normalised alike.");
      }
      int plane = image.height() * image.width();
      for (int c = 0; c < sum.length; c++) {
        for (int i = c * plane; i < (c + 1) * plane; i++) {
          double v = image.valueAt(i);
          sum[c] += v;
          squares[c] += v * v;
        }
      }
      pixels += plane;
    }
    if (sum == null) {
      throw new GradusException("Normalize: there is no image to measure mean and deviation on.");
    }
    float[] mean = new float[sum.length];
    float[] sd = new float[sum.length];
    for (int c = 0; c < sum.length; c++) {
      double m = sum[c] / pixels;
      mean[c] = (float) m;
      sd[c] = (float) Math.sqrt(Math.max(0, squares[c] / pixels - m * m));
      if (sd[c] < 1e-6f) {
        throw new GradusException(
            "Normalize: channel "
                + c
                + " has the value "
                + mean[c]
                + " in every pixel of every image; look at the images.");
      }
    }
    return new Normalize(mean, sd);
  }

  /** The mean of each channel, 0 to 1. */
  public float[] mean() {
    return mean.clone();
  }

  /** The standard deviation of each channel. */
  public float[] standardDeviation() {
    return sd.clone();
  }

  /** What is done to the values of each channel. */
  public PixelScale scale() {
    return scale;
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    float[] values = new float[image.size()];
    write(image, values, 0);
    return Image.ofFloats(image.channels(), image.height(), image.width(), values);
  }

  /** Writes the normalised values to {@code destination}, {@code [C,H,W]} from {@code start} on. */
  public void write(Image image, float[] destination, int start) {
    write(ImageView.of(image), destination, start);
  }

  /** The same for a view. */
  public void write(ImageView view, float[] destination, int start) {
    if (view.channels() != mean.length) {
      throw new GradusException(
          "Normalize has numbers for "
              + mean.length
              + " channels, but the image has "
              + view.channels()
              + ".");
    }
    view.writeTo(destination, start, scale);
  }

  @Override
  public String toString() {
    return "Normalize(mean " + Arrays.toString(mean) + ", sd " + Arrays.toString(sd) + ")";
  }
}

package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.npy.NpyArray;
import gradus.data.npy.NpyType;
import gradus.data.npy.Npz;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images and labels of a NumPy .npz file, all in memory.
 *
 * <p>Images are {@code [N,H,W]} (grey), {@code [N,H,W,C]} or {@code [N,C,H,W]} with 1 or 3
 * channels: {@code uint8}, or {@code float32} and {@code float64} from 0 to 1. Where both orders of
 * four extents are possible, the channels are last, as is NumPy's custom. Labels are whole numbers
 * from 0, {@code [N]} or {@code [N,1]}.
 */
public final class NpzDataset implements Dataset {
  private static final int MAX_CLASSES = 100_000;

  private final String name;
  private final List<String> classNames;
  private final Image[] images;
  private final int[] labels;
  private volatile String contentHash;

  private NpzDataset(String name, List<String> classNames, Image[] images, int[] labels) {
    this.name = name;
    this.classNames = classNames;
    this.images = images;
    this.labels = labels;
  }

  /** The arrays {@code images} and {@code labels} of a file; classes are called by their number. */
  public static Dataset open(Path file) {
    return open(file, "images", "labels");
  }

  /**
   * Two arrays of a file; classes are called by their number, up to the largest label.
   *
   * @throws GradusException if an array is missing or does not fit what is said above
   */
  public static Dataset open(Path file, String images, String labels) {
    try (Npz npz = Npz.open(file)) {
      int[] numbers = labels(npz.read(labels), file, labels);
      return of(npz, file, images, numbers, classes(numbers));
    }
  }

  static Dataset of(Npz npz, Path file, String images, int[] labels, List<String> classNames) {
    Image[] decoded = images(npz.read(images), file, images);
    if (decoded.length != labels.length) {
      throw new GradusException(
          file
              + ": there are "
              + decoded.length
              + " images in "
              + images
              + ", but "
              + labels.length
              + " labels.");
    }
    return new NpzDataset("npz " + file.getFileName() + " " + images, classNames, decoded, labels);
  }

  static List<String> classes(int[]... labels) {
    int largest = Arrays.stream(labels).flatMapToInt(Arrays::stream).max().orElse(0);
    return IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList();
  }

  static int[] labels(NpyArray array, Path file, String name) {
    int[] shape = array.shape();
    boolean fits = shape.length == 1 || (shape.length == 2 && shape[1] == 1);
    if (!fits || array.size() == 0 || !array.type().isInteger()) {
      throw new GradusException(
          file
              + ": the labels "
              + name
              + " are "
              + array
              + ", but must be whole numbers (u1, i4, i8) of shape [N] or [N,1].");
    }
    int[] labels = new int[array.size()];
    for (int i = 0; i < labels.length; i++) {
      long label = array.longAt(i);
      if (label < 0 || label >= MAX_CLASSES) {
        throw new GradusException(
            file
                + ": label "
                + i
                + " of "
                + name
                + " is "
                + label
                + ", but must be from 0 to "
                + (MAX_CLASSES - 1)
                + ".");
      }
      labels[i] = (int) label;
    }
    return labels;
  }

  private static Image[] images(NpyArray array, Path file, String name) {
    int[] s = array.shape();
    boolean grey = s.length == 3;
    boolean last = s.length == 4 && (s[3] == 1 || s[3] == 3);
    boolean first = s.length == 4 && !last && (s[1] == 1 || s[1] == 3);
    boolean numbers = array.type() == NpyType.U1 || !array.type().isInteger();
    if (!(grey || last || first) || !numbers || array.size() == 0) {
      throw new GradusException(
          file
              + ": the images "
              + name
              + " are "
              + array
              + ", but must be u1, f4 or f8 of shape [N,H,W], [N,H,W,C] or [N,C,H,W] with 1 or 3"
              + " channels.");
    }
    int channels = grey ? 1 : last ? s[3] : s[1];
    int height = first ? s[2] : s[1];
    int width = first ? s[3] : s[2];
    int pixelStep = last ? channels : 1;
    int channelStep = last ? 1 : height * width;
    Image[] images = new Image[s[0]];
    int size = channels * height * width;
    int[] source = new int[size]; // where each value of [C,H,W] lies in an image of the array
    for (int i = 0; i < size; i++) {
      source[i] = i / (height * width) * channelStep + i % (height * width) * pixelStep;
    }
    for (int n = 0; n < images.length; n++) {
      images[n] =
          array.type() == NpyType.U1
              ? Image.ofBytes(channels, height, width, bytes(array, n * size, source))
              : Image.ofFloats(
                  channels, height, width, floats(array, n * size, source, file, name));
    }
    return images;
  }

  private static byte[] bytes(NpyArray array, int start, int[] source) {
    byte[] pixels = new byte[source.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) array.longAt(start + source[i]);
    }
    return pixels;
  }

  private static float[] floats(NpyArray array, int start, int[] source, Path file, String name) {
    float[] pixels = new float[source.length];
    for (int i = 0; i < pixels.length; i++) {
      double value = array.doubleAt(start + source[i]);
      if (!(value >= 0 && value <= 1)) {
        throw new GradusException(
            file
                + ": a pixel of image "
                + start / source.length
                + " of "
                + name
                + " is "
                + value
                + ", but floats must be from 0 to 1. Save them as uint8, or divided by 255.");
      }
      pixels[i] = (float) value;
    }
    return pixels;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Sample get(int index) {
    return new Sample(images[index], labels[index]);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public String contentHash() {
    if (contentHash == null) {
      ContentHash hash = new ContentHash();
      for (Image image : images) {
        hash.add(image);
      }
      contentHash = hash.add(labels).hex();
    }
    return contentHash;
  }
}

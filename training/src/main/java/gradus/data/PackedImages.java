package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.List;

/** Images of one size, all in memory as bytes; a sample is a view of them. */
final class PackedImages implements Dataset {
  private final String name;
  private final List<String> classNames;
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels;
  private final byte[] labels;
  private volatile String contentHash;

  /**
   * Takes over the arrays. The reader of the files has checked the labels.
   *
   * @param pixels {@code [N,C,H,W]}
   * @param labels N class numbers
   */
  PackedImages(
      String name,
      List<String> classNames,
      int channels,
      int height,
      int width,
      byte[] pixels,
      byte[] labels) {
    this.name = name;
    this.classNames = List.copyOf(classNames);
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels;
    this.labels = labels;
    if ((long) labels.length * channels * height * width != pixels.length) {
      throw new GradusException(
          name
              + ": "
              + labels.length
              + " labels, but "
              + pixels.length
              + " pixels of "
              + channels
              + " x "
              + height
              + " x "
              + width
              + " images.");
    }
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
    int label = label(index);
    int start = index * (channels * height * width);
    return new Sample(Image.ofBytes(channels, height, width, pixels, start), label);
  }

  @Override
  public int label(int index) {
    return labels[index] & 0xff;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public String contentHash() {
    if (contentHash == null) {
      contentHash = new ContentHash().add(channels, height, width).add(pixels).add(labels).hex();
    }
    return contentHash;
  }
}

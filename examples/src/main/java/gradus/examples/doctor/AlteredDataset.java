package gradus.examples.doctor;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** A data set with something wrong in its images or its labels. */
final class AlteredDataset implements Dataset {
  private final Dataset base;
  private final String how;
  private final IntUnaryOperator labels;
  private final ImageChange images;

  /** What becomes of an image. */
  interface ImageChange {
    /** The image at {@code index} instead of {@code image}. */
    Image apply(int index, Image image);
  }

  /**
   * @param how in words, which with the base say all that is in it
   */
  private AlteredDataset(Dataset base, String how, IntUnaryOperator labels, ImageChange images) {
    this.base = base;
    this.how = how;
    this.labels = labels;
    this.images = images;
  }

  /** Other labels, by the number of the sample. */
  static Dataset labels(Dataset base, String how, IntUnaryOperator labels) {
    return new AlteredDataset(base, how, labels, (index, image) -> image);
  }

  /** Other images. */
  static Dataset images(Dataset base, String how, ImageChange images) {
    return new AlteredDataset(base, how, base::label, images);
  }

  @Override
  public String name() {
    return base.name() + " " + how;
  }

  @Override
  public int size() {
    return base.size();
  }

  @Override
  public Sample get(int index) {
    return new Sample(images.apply(index, base.get(index).image()), label(index));
  }

  @Override
  public int label(int index) {
    return labels.applyAsInt(index);
  }

  @Override
  public List<String> classNames() {
    return base.classNames();
  }

  @Override
  public String contentHash() {
    return Sha256.of((base.contentHash() + " " + how).getBytes(StandardCharsets.UTF_8));
  }
}

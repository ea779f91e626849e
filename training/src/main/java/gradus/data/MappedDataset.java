package gradus.data;

import gradus.data.image.Image;
import gradus.data.transform.Transform;
import java.nio.file.Path;
import java.util.List;

/** Another data set's samples after a transform; what it draws depends on the index alone. */
final class MappedDataset implements Dataset {
  private final Dataset source;
  private final Transform transform;
  private volatile String contentHash;

  MappedDataset(Dataset source, Transform transform) {
    this.source = source;
    this.transform = transform;
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public Sample get(int index) {
    Sample sample = source.get(index);
    Image image = transform.apply(sample.image(), RandomStreams.ofSample(0, 0, index));
    return new Sample(image, sample.label());
  }

  @Override
  public int label(int index) {
    return source.label(index);
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public String contentHash() {
    if (contentHash == null) {
      contentHash = ContentHash.of(this);
    }
    return contentHash;
  }

  @Override
  public String origin() {
    return source.origin() + ", transformed";
  }

  @Override
  public Path file(int index) {
    return source.file(index);
  }

  @Override
  public String describe(int index) {
    return source.describe(index);
  }
}

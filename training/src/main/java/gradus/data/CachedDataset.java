package gradus.data;

import gradus.data.image.Image;
import gradus.data.transform.Transform;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps what another data set decodes, so that each file is decoded once and not once per epoch. A
 * transform without chance, like a resize, may be done before keeping: small pictures take less
 * room.
 *
 * <p>At most half of the heap's maximum is used; what does not fit is decoded each time.
 */
public final class CachedDataset implements Dataset {
  private final Dataset source;
  private final Transform transform;
  private final AtomicReferenceArray<Image> kept;
  private final AtomicLong bytesLeft = new AtomicLong(Runtime.getRuntime().maxMemory() / 2);

  private CachedDataset(Dataset source, Transform transform) {
    this.source = source;
    this.transform = transform;
    this.kept = new AtomicReferenceArray<>(source.size());
  }

  /** Keeps the images as they are. */
  public static CachedDataset of(Dataset source) {
    return new CachedDataset(source, (image, random) -> image);
  }

  /** Keeps the images after {@code transform}, which must not draw random numbers. */
  public static CachedDataset of(Dataset source, Transform transform) {
    return new CachedDataset(source, transform);
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
    Image image = kept.get(index);
    if (image != null) {
      return new Sample(image, source.label(index));
    }
    Sample sample = source.get(index);
    image = transform.apply(sample.image(), new SplittableRandom(index));
    long bytes = image.size() * (image.isBytes() ? 1L : Float.BYTES);
    if (bytesLeft.addAndGet(-bytes) >= 0) {
      kept.set(index, image);
    } else {
      bytesLeft.addAndGet(bytes);
    }
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
    return source.contentHash();
  }

  @Override
  public String origin() {
    return source.origin();
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

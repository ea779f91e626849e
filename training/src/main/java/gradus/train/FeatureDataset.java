package gradus.train;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Features of images as images of one pixel with many channels. */
final class FeatureDataset implements Dataset {
  private final Dataset source;
  private final List<float[]> features;
  private final List<Integer> labels;

  FeatureDataset(Dataset source, List<float[]> features, List<Integer> labels) {
    this.source = source;
    this.features = List.copyOf(features);
    this.labels = List.copyOf(labels);
  }

  @Override
  public String name() {
    return "features of " + source.name();
  }

  @Override
  public int size() {
    return labels.size();
  }

  @Override
  public Sample get(int index) {
    float[] values = features.get(index).clone();
    return new Sample(Image.ofFloats(values.length, 1, 1, values), label(index));
  }

  @Override
  public int label(int index) {
    return labels.get(index);
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public String contentHash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int i = 0; i < size(); i++) {
        float[] values = features.get(i);
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length + 4);
        bytes.asFloatBuffer().put(values);
        bytes.putInt(4 * values.length, label(i));
        digest.update(bytes.array());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}

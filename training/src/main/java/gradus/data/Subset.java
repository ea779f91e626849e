package gradus.data;

import gradus.GradusException;
import java.nio.file.Path;
import java.util.List;

/** Some samples of another data set, in a given order. */
final class Subset implements Dataset {
  private final Dataset whole;
  private final int[] indices;
  private final String origin;

  Subset(Dataset whole, int[] indices) {
    this(
        whole,
        indices,
        indices.length + " of the " + whole.size() + " samples of " + whole.origin());
  }

  /**
   * A subset.
   *
   * @param origin how it was chosen, of what
   */
  Subset(Dataset whole, int[] indices, String origin) {
    if (indices.length == 0) {
      throw new GradusException(
          "A subset of "
              + whole.name()
              + " without any sample: at least 1 of its "
              + whole.size()
              + " is needed.");
    }
    for (int index : indices) {
      if (index < 0 || index >= whole.size()) {
        throw new GradusException(
            whole.name()
                + " has samples 0 to "
                + (whole.size() - 1)
                + ", but a subset asks for "
                + index
                + ".");
      }
    }
    this.whole = whole;
    this.indices = indices.clone();
    this.origin = origin;
  }

  @Override
  public String name() {
    return whole.name() + "[" + indices.length + "]";
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public Sample get(int index) {
    return whole.get(indices[index]);
  }

  @Override
  public int label(int index) {
    return whole.label(indices[index]);
  }

  @Override
  public List<String> classNames() {
    return whole.classNames();
  }

  @Override
  public String contentHash() {
    return new ContentHash().add(whole.contentHash()).add(indices).hex();
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Path file(int index) {
    return whole.file(indices[index]);
  }

  @Override
  public String describe(int index) {
    return whole.describe(indices[index]);
  }
}

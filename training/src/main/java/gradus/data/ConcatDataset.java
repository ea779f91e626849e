package gradus.data;

import gradus.GradusException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Data sets with the same classes, one after the other. */
final class ConcatDataset implements Dataset {
  private final List<Dataset> parts;
  private final int[] ends;

  ConcatDataset(List<Dataset> parts) {
    this.parts = List.copyOf(parts);
    ends = new int[parts.size()];
    long size = 0;
    for (int p = 0; p < ends.length; p++) {
      Dataset part = parts.get(p);
      if (!part.classNames().equals(parts.get(0).classNames())) {
        throw new GradusException(
            "Only data sets with the same classes in the same order can be joined, but "
                + parts.get(0).name()
                + " has "
                + parts.get(0).classNames()
                + " and "
                + part.name()
                + " has "
                + part.classNames()
                + ".");
      }
      size += part.size();
      if (size > Integer.MAX_VALUE) {
        throw new GradusException(
            "The joined data sets have "
                + size
                + " samples or more; at most "
                + Integer.MAX_VALUE
                + " can be numbered.");
      }
      ends[p] = (int) size;
    }
  }

  private int part(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException(index + " of " + size());
    }
    int found = Arrays.binarySearch(ends, index + 1);
    return found >= 0 ? found : -found - 1;
  }

  private int within(int part, int index) {
    return part == 0 ? index : index - ends[part - 1];
  }

  @Override
  public String name() {
    return parts.stream().map(Dataset::name).collect(Collectors.joining(" + "));
  }

  @Override
  public int size() {
    return ends[ends.length - 1];
  }

  @Override
  public Sample get(int index) {
    int part = part(index);
    return parts.get(part).get(within(part, index));
  }

  @Override
  public int label(int index) {
    int part = part(index);
    return parts.get(part).label(within(part, index));
  }

  @Override
  public List<String> classNames() {
    return parts.get(0).classNames();
  }

  @Override
  public String contentHash() {
    ContentHash hash = new ContentHash();
    parts.forEach(part -> hash.add(part.contentHash()));
    return hash.hex();
  }

  @Override
  public String origin() {
    return parts.stream().map(Dataset::origin).collect(Collectors.joining(" + "));
  }

  @Override
  public Path file(int index) {
    int part = part(index);
    return parts.get(part).file(within(part, index));
  }

  @Override
  public String describe(int index) {
    int part = part(index);
    return parts.get(part).describe(within(part, index));
  }
}

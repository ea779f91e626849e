package gradus.data;

import gradus.GradusException;
import java.util.List;

/** Samples that a program has made, all in memory. */
final class SampleList implements Dataset {
  private final String name;
  private final List<Sample> samples;
  private final List<String> classNames;
  private volatile String contentHash;

  SampleList(String name, List<Sample> samples, List<String> classNames) {
    this.name = name;
    this.samples = List.copyOf(samples);
    this.classNames = List.copyOf(classNames);
    if (samples.isEmpty()) {
      throw new GradusException(name + " has no sample: at least one is needed.");
    }
    for (int i = 0; i < size(); i++) {
      if (label(i) < 0 || label(i) >= classNames.size()) {
        throw new GradusException(
            describe(i)
                + " is of class "
                + label(i)
                + ", but there are "
                + classNames.size()
                + " classes, numbered from 0.");
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public Sample get(int index) {
    return samples.get(index);
  }

  @Override
  public int label(int index) {
    return samples.get(index).label();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public String contentHash() {
    if (contentHash == null) {
      contentHash = ContentHash.of(this);
    }
    return contentHash;
  }
}

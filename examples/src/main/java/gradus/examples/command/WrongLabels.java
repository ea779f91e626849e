package gradus.examples.command;

import gradus.data.Dataset;
import gradus.data.Sample;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** A data set some of whose labels are wrong on purpose, to see whether they are found. */
final class WrongLabels implements Dataset {
  /** Which class a wrong label is of. */
  enum Kind {
    /** Any other, with the same chance. */
    SYMMETRIC,
    /** The next one, so that each class is taken for one other. */
    ASYMMETRIC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Dataset base;
  private final int[] labels;
  private final String how;

  /** With a share of wrong labels, drawn by the seed. */
  WrongLabels(Dataset base, double share, Kind kind, long seed) {
    this.base = base;
    this.labels = new int[base.size()];
    this.how = " with " + 100 * share + " % " + kind + " wrong labels, seed " + seed;
    SplittableRandom random = new SplittableRandom(seed);
    int classes = base.classNames().size();
    for (int i = 0; i < labels.length; i++) {
      boolean isWrong = random.nextDouble() < share;
      int step = kind == Kind.SYMMETRIC ? 1 + random.nextInt(classes - 1) : 1;
      labels[i] = isWrong ? (base.label(i) + step) % classes : base.label(i);
    }
  }

  boolean isWrong(int index) {
    return labels[index] != base.label(index);
  }

  /** How many labels are wrong. */
  int wrong() {
    int wrong = 0;
    for (int i = 0; i < labels.length; i++) {
      wrong += isWrong(i) ? 1 : 0;
    }
    return wrong;
  }

  @Override
  public String name() {
    return base.name() + how;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Sample get(int index) {
    return new Sample(base.get(index).image(), labels[index]);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public List<String> classNames() {
    return base.classNames();
  }

  @Override
  public String contentHash() {
    return base.contentHash() + how;
  }

  @Override
  public String describe(int index) {
    return base.describe(index);
  }
}

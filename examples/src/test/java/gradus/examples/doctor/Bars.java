package gradus.examples.doctor;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Ten classes anybody can tell: a bar at one of ten heights of {@code [1,28,28]}, and noise. */
record Bars(int size, long seed) implements Dataset {
  private static final int SIDE = 28;

  /** 1,000 to train with, 250 to judge by. */
  static Pictures pictures() {
    Dataset train = new Bars(1_000, 1).cache();
    return new Pictures(
        train, train, new Bars(250, 2).cache(), Normalize.from(train.take(200).images()));
  }

  @Override
  public String name() {
    return "bars-" + seed;
  }

  @Override
  public Sample get(int index) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    float[] values = new float[SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      int row = i / SIDE - 4;
      boolean inBar = row >= 0 && row / 2 == label(index);
      values[i] = (float) ((inBar ? 0.7 : 0) + 0.3 * random.nextDouble());
    }
    return new Sample(Image.ofFloats(1, SIDE, SIDE, values), label(index));
  }

  @Override
  public int label(int index) {
    return index % 10;
  }

  @Override
  public List<String> classNames() {
    return IntStream.range(0, 10).mapToObj(Integer::toString).toList();
  }

  @Override
  public String contentHash() {
    return name();
  }
}

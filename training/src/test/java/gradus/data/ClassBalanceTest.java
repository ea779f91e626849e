package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Samplers and weights that balance classes, the long tail, and made-up samples. */
class ClassBalanceTest {
  /** 60 of class 0, 30 of class 1, none of class 2, 7 of class 3: pixels tell the number. */
  private static final Dataset UNEVEN = new Numbered(60, 30, 0, 7);

  private static final class Numbered implements Dataset {
    private final int[] counts;

    Numbered(int... counts) {
      this.counts = counts;
    }

    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public int size() {
      return IntStream.of(counts).sum();
    }

    @Override
    public Sample get(int index) {
      byte[] pixels = {(byte) (2 * index), (byte) (200 - index)};
      return new Sample(Image.ofBytes(1, 1, 2, pixels), label(index));
    }

    @Override
    public int label(int index) {
      int label = 0;
      for (int rest = index; rest >= counts[label]; label++) {
        rest -= counts[label];
      }
      return label;
    }

    @Override
    public List<String> classNames() {
      return IntStream.range(0, counts.length).mapToObj(c -> "class " + c).toList();
    }

    @Override
    public String contentHash() {
      return "numbered";
    }
  }

  private static int[] classCounts(int... order) {
    int[] counts = new int[4];
    for (int index : order) {
      counts[UNEVEN.label(index)]++;
    }
    return counts;
  }

  private static int[] sampleCounts(int... order) {
    int[] counts = new int[UNEVEN.size()];
    for (int index : order) {
      counts[index]++;
    }
    return counts;
  }

  private static void isDrawnAnew(Sampler sampler) {
    assertArrayEquals(sampler.order(3), sampler.order(3), "an epoch can be repeated");
    assertFalse(Arrays.equals(sampler.order(3), sampler.order(4)));
  }

  @Test
  void oversamplingRepeatsEvenly() {
    Sampler sampler = OversamplingSampler.of(UNEVEN, 1);
    int[] order = sampler.order(0);
    assertArrayEquals(new int[] {60, 60, 0, 60}, classCounts(order));
    int[] counts = sampleCounts(order);
    for (int i = 0; i < counts.length; i++) {
      int least = i < 60 ? 1 : i < 90 ? 2 : 8; // 60 of 7: eight of each, and four once more
      assertTrue(counts[i] == least || (i >= 90 && counts[i] == 9), i + " came " + counts[i]);
    }
    isDrawnAnew(sampler);
  }

  @Test
  void undersamplingRepeatsNothing() {
    Sampler sampler = UndersamplingSampler.of(UNEVEN, 1);
    int[] order = sampler.order(0);
    assertArrayEquals(new int[] {7, 7, 0, 7}, classCounts(order));
    assertEquals(21, IntStream.of(order).distinct().count());
    isDrawnAnew(sampler);
    boolean[] seen = new boolean[UNEVEN.size()];
    for (int epoch = 0; epoch < 100; epoch++) {
      for (int index : sampler.order(epoch)) {
        seen[index] = true;
      }
    }
    for (int i = 0; i < seen.length; i++) {
      assertTrue(seen[i], "sample " + i + " never came");
    }
  }

  @Test
  void weightedSamplingFollowsTheWeights() {
    double[] weights = {0, 1, 3, 0, 6, 0};
    Sampler sampler = WeightedRandomSampler.of(weights, 100_000, 2);
    int[] counts = new int[6];
    for (int index : sampler.order(0)) {
      counts[index]++;
    }
    for (int i = 0; i < 6; i++) {
      double share = weights[i] / 10;
      double tolerance = 5 * Math.sqrt(share * (1 - share) / 100_000);
      assertEquals(share, counts[i] / 100_000.0, tolerance);
    }
    isDrawnAnew(sampler);
    Sampler balanced = WeightedRandomSampler.balanced(UNEVEN, 3);
    int[] classes = new int[4];
    for (int epoch = 0; epoch < 300; epoch++) {
      int[] order = balanced.order(epoch);
      assertEquals(97, order.length);
      for (int index : order) {
        classes[UNEVEN.label(index)]++;
      }
    }
    assertEquals(0, classes[2]);
    for (int c : new int[] {0, 1, 3}) {
      assertEquals(1 / 3.0, classes[c] / 29_100.0, 5 * Math.sqrt(2 / 9.0 / 29_100));
    }
    assertThrows(GradusException.class, () -> WeightedRandomSampler.of(new double[3], 5, 1));
    assertThrows(GradusException.class, () -> WeightedRandomSampler.of(new double[] {1, -1}, 5, 1));
  }

  @Test
  void everyBatchHasAllClasses() {
    Sampler sampler = ClassBalancedBatchSampler.of(UNEVEN, 8, 1);
    int[] order = sampler.order(0);
    assertEquals(97, order.length);
    for (int first = 0; first + 8 <= order.length; first += 8) {
      int[] counts = classCounts(Arrays.copyOfRange(order, first, first + 8));
      for (int c : new int[] {0, 1, 3}) {
        assertTrue(counts[c] == 2 || counts[c] == 3, Arrays.toString(counts));
      }
    }
    int[] counts = sampleCounts(order);
    for (int i = 90; i < 97; i++) {
      assertTrue(counts[i] == 4 || counts[i] == 5, "32 or 33 places for 7 samples");
    }
    isDrawnAnew(sampler);
    String message =
        assertThrows(GradusException.class, () -> ClassBalancedBatchSampler.of(UNEVEN, 2, 1))
            .getMessage();
    assertTrue(message.contains("3 classes"), message);
  }

  @Test
  void classWeightsByHand() {
    // 1/2 : 1/8 of two present classes: 8/5 and 2/5.
    assertArrayEquals(new float[] {1.6f, 0, 0.4f}, ClassWeights.inverseFrequency(2, 0, 8), 1e-6f);
    // beta 0.5: effective numbers 1, 1.75, so weights 1 : 4/7, whose sum 11/7 becomes 2.
    assertArrayEquals(
        new float[] {14f / 11, 8f / 11}, ClassWeights.effectiveNumber(0.5, 1, 3), 1e-6f);
    assertArrayEquals(new float[] {1, 1}, ClassWeights.effectiveNumber(0, 1, 300), 1e-6f);
    assertArrayEquals(
        ClassWeights.inverseFrequency(10, 500),
        ClassWeights.effectiveNumber(1 - 1e-12, 10, 500),
        1e-6f);
    assertThrows(GradusException.class, () -> ClassWeights.effectiveNumber(1, 1, 3));
    assertThrows(GradusException.class, () -> ClassWeights.inverseFrequency(0, 0));
  }

  @Test
  void theLongTailFallsExponentially() {
    Dataset even = new Numbered(100, 100, 100);
    Dataset tail = LongTail.of(even, 50, 4);
    // 100, 100 / sqrt(50) = 14.1, 100 / 50.
    assertArrayEquals(new int[] {100, 14, 2}, tail.classCounts());
    assertEquals(tail.contentHash(), LongTail.of(even, 50, 4).contentHash());
    assertFalse(tail.contentHash().equals(LongTail.of(even, 50, 5).contentHash()));
    assertArrayEquals(new int[] {100, 100, 100}, LongTail.of(even, 1, 4).classCounts());
    assertThrows(GradusException.class, () -> LongTail.of(even, 0.5, 4));
  }

  @Test
  void smoteLiesBetweenNeighboursOfItsClass() {
    Smote smote = Smote.of(UNEVEN, 2, 1);
    assertArrayEquals(new int[] {60, 60, 0, 60}, smote.classCounts());
    for (int i = 0; i < UNEVEN.size(); i++) {
      assertEquals(UNEVEN.get(i).image().level(0, 0, 0), smote.get(i).image().level(0, 0, 0));
    }
    int strictlyBetween = 0;
    for (int i = UNEVEN.size(); i < smote.size(); i++) {
      int label = smote.label(i);
      Sample made = smote.get(i);
      assertEquals(label, made.label());
      assertTrue(made.image().isBytes());
      // Sample n has the levels (2n, 200 - n): mixtures lie on that line, in their class's part,
      // and no farther than the two nearest, which are up to 2 numbers away at the ends.
      double number = made.image().level(0, 0, 0) / 2.0;
      assertEquals(200 - number, made.image().level(0, 0, 1), 1.0);
      int first = label == 1 ? 60 : 90;
      int last = label == 1 ? 89 : 96;
      assertTrue(number >= first && number <= last, label + ": " + number);
      strictlyBetween += number == Math.rint(number) ? 0 : 1;
      Image again = Smote.of(UNEVEN, 2, 1).get(i).image();
      assertEquals(again.level(0, 0, 0), made.image().level(0, 0, 0), "deterministic");
    }
    assertTrue(strictlyBetween > 10, "only " + strictlyBetween + " are new");
  }

  @Test
  void smoteTakesTheNearest() {
    // Class 1 is two pairs, of levels 122, 126 and 230, 238: with one neighbour nothing between.
    Dataset small =
        new Numbered(60, 60).subset(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 61, 63, 115, 119);
    Smote smote = Smote.of(small, 1, 5);
    boolean low = false;
    boolean high = false;
    for (int i = small.size(); i < smote.size(); i++) {
      int level = smote.get(i).image().level(0, 0, 0);
      boolean inLow = level >= 122 && level <= 126;
      boolean inHigh = level >= 230 && level <= 238;
      assertTrue(inLow || inHigh, "level " + level);
      low |= inLow;
      high |= inHigh;
    }
    assertTrue(low && high);
    assertThrows(GradusException.class, () -> Smote.of(small, 0, 1));
    String message =
        assertThrows(GradusException.class, () -> Smote.of(new Numbered(5, 1), 1)).getMessage();
    assertTrue(message.contains("class 1") && message.contains("OversamplingSampler"), message);
  }
}

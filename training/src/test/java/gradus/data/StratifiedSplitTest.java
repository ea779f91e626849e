package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StratifiedSplitTest {
  /** Labels by their share: half are 0, a third 1, the rest 2. */
  private static Dataset uneven(int size) {
    byte[] labels = new byte[size];
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) (i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2);
    }
    byte[] pixels = new byte[size * 2];
    for (int i = 0; i < size; i++) {
      pixels[2 * i] = (byte) i;
      pixels[2 * i + 1] = (byte) (i >> 8);
    }
    return new PackedImages("uneven", List.of("a", "b", "c"), 1, 1, 2, pixels, labels);
  }

  private static int number(Sample sample) {
    return sample.image().level(0, 0, 0) | sample.image().level(0, 0, 1) << 8;
  }

  private static Set<Integer> numbers(Dataset dataset) {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < dataset.size(); i++) {
      assertTrue(numbers.add(number(dataset.get(i))), "a sample came twice");
    }
    return numbers;
  }

  @Property(tries = 60)
  void partsAreDisjointCompleteAndProportional(
      @ForAll @IntRange(min = 12, max = 600) int size,
      @ForAll @DoubleRange(min = 0.02, max = 0.98) double fraction,
      @ForAll long seed) {
    Dataset whole = uneven(size);
    StratifiedSplit split = StratifiedSplit.of(whole, fraction, seed);
    Set<Integer> all = numbers(split.train());
    for (int n : numbers(split.validation())) {
      assertTrue(all.add(n), "in both parts");
    }
    assertEquals(size, all.size());
    int[] counts = whole.classCounts();
    int[] validation = split.validation().classCounts();
    for (int c = 0; c < 3; c++) {
      assertTrue(Math.abs(validation[c] - counts[c] * fraction) <= 1.0);
      assertTrue(validation[c] >= 1 && validation[c] < counts[c]);
    }
  }

  @Property(tries = 60)
  void takingKeepsShares(
      @ForAll @IntRange(min = 12, max = 600) int size,
      @ForAll @IntRange(min = 6, max = 700) int n) {
    Dataset whole = uneven(size);
    Dataset taken = StratifiedSplit.take(whole, n, 9);
    assertTrue(Math.abs(taken.size() - Math.min(n, size)) <= 3);
    int[] counts = whole.classCounts();
    for (int c = 0; c < 3; c++) {
      double expected = (double) counts[c] * taken.size() / size;
      assertTrue(Math.abs(taken.classCounts()[c] - expected) <= 2.0);
    }
  }

  @Test
  void theSeedDecides() {
    Dataset whole = uneven(300);
    StratifiedSplit one = StratifiedSplit.of(whole, 0.2, 7);
    StratifiedSplit again = StratifiedSplit.of(whole, 0.2, 7);
    assertEquals(one.train().contentHash(), again.train().contentHash());
    StratifiedSplit other = StratifiedSplit.of(whole, 0.2, 8);
    assertNotEquals(numbers(one.validation()), numbers(other.validation()));
    assertNotEquals(one.train().contentHash(), one.validation().contentHash());
  }

  @Test
  void subsetsPassOnWhatTheyShow() {
    Dataset part = uneven(30).subset(29, 4, 0);
    assertEquals(29, number(part.get(0)));
    assertEquals(1, part.label(1));
    assertEquals("image 4 of uneven", part.describe(1));
    assertArrayEquals(new int[] {1, 1, 1}, part.classCounts());
    assertEquals(2, part.take(2).size());
    assertEquals(3, part.take(99).size());
    assertThrows(GradusException.class, () -> part.subset(3));
    assertThrows(GradusException.class, () -> part.subset());
  }

  @Test
  void refusesWhatCannotBeCut() {
    assertThrows(GradusException.class, () -> StratifiedSplit.of(uneven(30), 0, 1));
    assertThrows(GradusException.class, () -> StratifiedSplit.of(uneven(30), 1, 1));
    assertThrows(GradusException.class, () -> StratifiedSplit.of(uneven(30), Double.NaN, 1));
    assertThrows(GradusException.class, () -> StratifiedSplit.of(uneven(1), 0.5, 1));
    assertThrows(GradusException.class, () -> StratifiedSplit.take(uneven(30), 0, 1));
  }
}

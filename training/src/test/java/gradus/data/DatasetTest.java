package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.transform.CenterCrop;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DatasetTest {
  private final Dataset dataset = TinyFiles.inMemory(20);

  private static int[] labels(Dataset dataset) {
    return IntStream.range(0, dataset.size()).map(dataset::label).toArray();
  }

  private static int[] levels(Image image) {
    return IntStream.range(0, image.size()).map(i -> image.level(0, 0, i)).toArray();
  }

  @Test
  void samplesInMemoryAreOneToo() {
    List<Sample> samples =
        List.of(
            new Sample(Image.ofBytes(1, 1, 2, new byte[] {1, 2}), 0),
            new Sample(Image.ofFloats(1, 1, 2, new float[] {0.25f, 1}), 1));
    Dataset made = Dataset.of("made", samples, List.of("dark", "light"));
    assertEquals("made", made.name());
    assertEquals(1, made.label(1));
    assertArrayEquals(new int[] {1, 1}, made.classCounts());
    assertSame(samples.get(0).image(), made.get(0).image());
    assertEquals(64, made.contentHash().length());
    assertEquals(made.contentHash(), Dataset.of("other", samples, List.of("a", "b")).contentHash());
    List<Sample> relabelled = List.of(samples.get(0), new Sample(samples.get(1).image(), 0));
    assertNotEquals(
        made.contentHash(), Dataset.of("made", relabelled, List.of("dark", "light")).contentHash());

    String label =
        assertThrows(GradusException.class, () -> Dataset.of("made", samples, List.of("dark")))
            .getMessage();
    assertTrue(label.contains("image 1 of made") && label.contains("class 1"), label);
    assertThrows(GradusException.class, () -> Dataset.of("made", List.of(), List.of("dark")));
  }

  @Test
  void filtersByLabelOrSample() {
    Dataset some = dataset.filterLabels(label -> label != 1);
    assertEquals(13, some.size());
    assertArrayEquals(new int[] {7, 0, 6}, some.classCounts());
    assertEquals(List.of("a", "b", "c"), some.classNames());
    Dataset dark = dataset.filter(sample -> sample.image().level(0, 0, 0) < 128);
    assertTrue(dark.size() > 0 && dark.size() < 20);
    for (int i = 0; i < dark.size(); i++) {
      assertTrue(dark.get(i).image().level(0, 0, 0) < 128);
    }
    GradusException none =
        assertThrows(GradusException.class, () -> dataset.filterLabels(label -> label == 3));
    assertTrue(none.getMessage().contains("tiny"), none.getMessage());
  }

  @Test
  void mapsEveryImageAlikeEachTime() {
    Dataset small = dataset.map(CenterCrop.of(4));
    assertEquals(4, small.get(7).image().width());
    assertArrayEquals(labels(dataset), labels(small));
    assertArrayEquals(
        levels(CenterCrop.of(4).apply(dataset.get(7).image(), null)), levels(small.get(7).image()));
    Dataset random =
        dataset.map((image, r) -> Image.ofFloats(1, 1, 1, new float[] {r.nextFloat()}));
    assertEquals(random.get(3).image().valueAt(0), random.get(3).image().valueAt(0));
    assertNotEquals(random.get(3).image().valueAt(0), random.get(4).image().valueAt(0));
    assertEquals(small.contentHash(), dataset.map(CenterCrop.of(4)).contentHash());
    assertNotEquals(small.contentHash(), dataset.map(CenterCrop.of(5)).contentHash());
    assertEquals("tiny, transformed", small.origin());
  }

  @Test
  void concatenatesInOrder() {
    Dataset first = dataset.take(3);
    Dataset joined = first.concat(dataset, dataset.subset(19));
    assertEquals(24, joined.size());
    int[] expected = IntStream.concat(IntStream.range(0, 3), IntStream.range(0, 21)).toArray();
    expected[23] = 19;
    for (int i = 0; i < 24; i++) {
      assertArrayEquals(levels(dataset.get(expected[i]).image()), levels(joined.get(i).image()));
      assertEquals(dataset.label(expected[i]), joined.label(i));
    }
    assertEquals("image 19 of tiny", joined.describe(23));
    assertEquals("tiny[3] + tiny + tiny[1]", joined.name());
    assertNotEquals(joined.contentHash(), dataset.concat(first, dataset.subset(19)).contentHash());
    assertThrows(IndexOutOfBoundsException.class, () -> joined.get(24));
    assertThrows(IndexOutOfBoundsException.class, () -> joined.label(-1));
    GradusException other =
        assertThrows(GradusException.class, () -> dataset.concat(Shapes.of(5, 1)));
    assertTrue(other.getMessage().contains("shapes-1"), other.getMessage());
  }

  @Test
  void cachesWhatIsMapped() {
    AtomicInteger made = new AtomicInteger();
    Dataset cached =
        dataset
            .map(
                (image, random) -> {
                  made.incrementAndGet();
                  return image;
                })
            .cache();
    assertSame(cached.get(4).image(), cached.get(4).image());
    assertEquals(1, made.get());
  }

  @Test
  void foldsAreDisjointStratifiedAndSeeded() {
    List<StratifiedSplit> folds = StratifiedKFold.of(dataset, 3, 5);
    assertEquals(3, folds.size());
    int[] seen = new int[20];
    for (StratifiedSplit fold : folds) {
      assertEquals(20, fold.train().size() + fold.validation().size());
      assertTrue(Math.abs(fold.validation().size() - 20 / 3.0) < 1);
      int[] counts = fold.validation().classCounts();
      for (int c = 0; c < 3; c++) {
        assertTrue(Math.abs(counts[c] - dataset.classCounts()[c] / 3.0) < 1);
      }
      for (int i = 0; i < fold.validation().size(); i++) {
        seen[number(fold.validation(), i)]++;
      }
      for (int i = 0; i < fold.train().size(); i++) {
        assertTrue(
            !fold.train().describe(i).equals(fold.validation().describe(0)), "in both parts");
      }
    }
    int[] once = new int[20];
    Arrays.fill(once, 1);
    assertArrayEquals(once, seen);
    String hash = folds.get(1).validation().contentHash();
    assertEquals(hash, StratifiedKFold.of(dataset, 3, 5).get(1).validation().contentHash());
    assertNotEquals(hash, StratifiedKFold.of(dataset, 3, 6).get(1).validation().contentHash());
    assertEquals("fold 2 of 3, stratified, seed 5, of tiny", folds.get(1).validation().origin());
  }

  private static int number(Dataset part, int index) {
    return Integer.parseInt(part.describe(index).replaceAll("\\D", ""));
  }

  @Test
  void foldsThatCannotBeAreRefused() {
    assertThrows(GradusException.class, () -> StratifiedKFold.of(dataset, 1, 0));
    GradusException e =
        assertThrows(GradusException.class, () -> StratifiedKFold.of(dataset, 7, 0));
    assertTrue(e.getMessage().contains("class c of tiny has 6"), e.getMessage());
    // A class without any sample is in nobody's way.
    assertEquals(7, StratifiedKFold.of(dataset.filterLabels(l -> l < 2), 7, 0).size());
  }
}

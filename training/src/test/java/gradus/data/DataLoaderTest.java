package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import gradus.data.transform.CenterCrop;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.Transform;
import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DataLoaderTest {
  private static final Normalize NORMALIZE =
      Normalize.of(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.4f});

  /** Adds the sample's own random number to every pixel, and takes its time as it likes. */
  private static final Transform JITTER =
      (image, random) -> {
        float shift = random.nextFloat();
        float[] values = new float[image.size()];
        image.writeTo(values, 0);
        for (int i = 0; i < values.length; i++) {
          values[i] += shift;
        }
        if (shift < 0.2f) {
          LockSupport.parkNanos(200_000);
        }
        return Image.ofFloats(image.channels(), image.height(), image.width(), values);
      };

  private final Dataset dataset = TinyFiles.inMemory(101);

  @AfterEach
  void noWorkerIsLeft() {
    assertEquals(List.of(), workers());
  }

  private static List<String> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("gradus-loader-"))
        .toList();
  }

  private static List<String> contents(DataLoader loader, int epoch) {
    List<String> batches = new ArrayList<>();
    for (Batch batch : loader.epoch(epoch)) {
      batches.add(content(batch));
    }
    return batches;
  }

  private static String content(Batch batch) {
    int[] labels = new int[batch.size()];
    batch.labels().get(0, labels);
    float[] values = new float[(int) batch.shape().size()];
    batch.images().get(0, values);
    return batch.shape() + Arrays.toString(labels) + Arrays.toString(values);
  }

  @Test
  void numbersForOtherChannelsAreRefusedAtOnce() {
    String message =
        assertThrows(
                GradusException.class,
                () -> DataLoader.of(TinyFiles.inMemory(4)).transform(Normalize.MNIST).build())
            .getMessage();
    assertTrue(message.contains("tiny has images of 3 channel(s)"), message);
    assertTrue(message.contains("numbers for 1"), message);
  }

  @Test
  void fillsBatchesInOrder() {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(25).transform(NORMALIZE).build()) {
      assertEquals("[3, 6, 7]", loader.imageShape().toString());
      int first = 0;
      Epoch epoch = loader.epoch(0);
      assertEquals(5, epoch.batches());
      for (Batch batch : epoch) {
        assertEquals(first == 100 ? 1 : 25, batch.size());
        assertTrue(batch.bytes().isDirect());
        for (int i = 0; i < batch.size(); i++) {
          Sample sample = dataset.get(first + i);
          assertEquals(sample.label(), batch.labels().get(i));
          float expected = (sample.image().value(2, 4, 5) - 0.3f) / 0.4f;
          assertEquals(expected, batch.images().get(((i * 3 + 2) * 6 + 4) * 7 + 5), 1e-5f);
        }
        first += batch.size();
      }
      assertEquals(101, first);
    }
  }

  @Test
  void normalisingIntoTheBatchIsTheTransform() {
    try (DataLoader fused = DataLoader.of(dataset).transform(NORMALIZE).build();
        DataLoader apart = DataLoader.of(dataset).transform(NORMALIZE, (x, r) -> x).build()) {
      assertEquals(contents(apart, 0), contents(fused, 0));
    }
  }

  @Test
  void anyNumberOfWorkersMakesTheSameBatches() {
    List<List<String>> expected = null;
    for (int workers : new int[] {0, 1, 2, 4}) {
      for (int prefetch : new int[] {1, 5}) {
        try (DataLoader loader =
            DataLoader.of(dataset)
                .batchSize(8)
                .shuffle(42)
                .transform(JITTER, CenterCrop.of(5), NORMALIZE)
                .workers(workers)
                .prefetch(prefetch)
                .build()) {
          List<List<String>> found = List.of(contents(loader, 0), contents(loader, 1));
          if (expected == null) {
            expected = found;
            assertNotEquals(found.get(0), found.get(1));
          }
          assertEquals(expected, found, workers + " workers, prefetch " + prefetch);
          assertEquals(expected.get(0), contents(loader, 0), "an epoch repeated");
        }
      }
    }
  }

  /** Images stay bytes as long as transforms leave them so, and mean the same numbers. */
  @Test
  void bytesAreNormalisedOnTheDevice() {
    Transform crop = new RandomCrop(6, 7, 2, PaddingMode.REFLECT, 0);
    Transform flip = new RandomHorizontalFlip();
    assertEquals(21, batchesOfBytes(0f, crop, flip));
    assertEquals(0, batchesOfBytes(1e-5f, crop, JITTER));
    Transform sometimesJitter =
        (image, random) -> random.nextInt(8) == 0 ? JITTER.apply(image, random) : image;
    int some = batchesOfBytes(1e-5f, sometimesJitter, flip);
    assertTrue(some > 0 && some < 21, some + " batches of bytes");
  }

  /** How many came as bytes, each having been compared with what no loader had a part in. */
  private int batchesOfBytes(float tolerance, Transform first, Transform second) {
    Transform asItIs = (image, random) -> image; // after it the loader cannot leave normalising out
    int ofBytes = 0;
    try (DataLoader loader = loader(first, second, NORMALIZE);
        DataLoader plain = loader(first, second, NORMALIZE, asItIs);
        Backend backend = Backends.named("reference")) {
      for (int e = 0; e < 2; e++) { // with recycled batches too
        Iterator<Batch> expected = plain.epoch(e).iterator();
        ofBytes = 0;
        for (Batch batch : loader.epoch(e)) {
          ofBytes += batch.isOfBytes() ? 1 : 0;
          Batch floats = expected.next();
          assertFalse(floats.isOfBytes());
          float[] values = new float[(int) floats.shape().size()];
          floats.images().get(0, values);
          try (Pass pass = Pass.evaluating(backend)) {
            assertArrayEquals(values, pass.images(batch).toArray(), tolerance);
          }
          float[] onHost = new float[values.length];
          batch.images().get(0, onHost);
          assertArrayEquals(values, onHost, tolerance);
          assertFalse(batch.isOfBytes(), "numbers that were asked for may have been changed");
        }
      }
    }
    return ofBytes;
  }

  private DataLoader loader(Transform... transforms) {
    return DataLoader.of(dataset).batchSize(5).shuffle(3).workers(2).transform(transforms).build();
  }

  @Test
  void everySampleComesOnceInAShuffledEpoch() {
    int[] order = Sampler.shuffled(1000, 3).order(5);
    assertArrayEquals(order, Sampler.shuffled(1000, 3).order(5));
    assertFalse(Arrays.equals(order, Sampler.shuffled(1000, 4).order(5)));
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertArrayEquals(Sampler.sequential(1000).order(0), sorted);
    assertFalse(Arrays.equals(order, sorted));
  }

  @Test
  void batchesAreRecycled() {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(4).workers(2).prefetch(3).build()) {
      IdentityHashMap<FloatBuffer, Boolean> buffers = new IdentityHashMap<>();
      IdentityHashMap<Batch, Boolean> batches = new IdentityHashMap<>();
      for (int e = 0; e < 3; e++) {
        for (Batch batch : loader.epoch(e)) {
          buffers.put(batch.images(), true);
          batches.put(batch, true);
        }
      }
      assertEquals(4, buffers.size());
      // Four full ones, and one of a single image at the end of each epoch.
      assertTrue(batches.size() <= 4 + 3, "batches: " + batches.size());
    }
  }

  @Test
  void aBatchIsLeftAloneUntilTheNextIsAskedFor() throws InterruptedException {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(10).workers(4).prefetch(2).build()) {
      for (Batch batch : loader.epoch(0)) {
        String before = content(batch);
        Thread.sleep(5);
        assertEquals(before, content(batch));
      }
    }
  }

  @Test
  void theEpochTellsWhichSampleItWas() {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(10).shuffle(3).build()) {
      Epoch epoch = loader.epoch(2);
      int position = 0;
      for (Batch batch : epoch) {
        for (int i = 0; i < batch.size(); i++, position++) {
          Image image = dataset.get(epoch.sampleIndex(position)).image();
          assertEquals(image.value(0, 0, 1), batch.images().get(i * image.size() + 1));
        }
      }
    }
  }

  @Test
  void theReaderHardlyAllocates() {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    try (DataLoader loader = DataLoader.of(TinyFiles.inMemory(4000)).batchSize(4).build()) {
      for (int e = 0; e < 3; e++) {
        var batches = loader.epoch(e).iterator();
        batches.next();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int b = 0; b < 900; b++) {
          batches.next();
        }
        long perBatch = (threads.getCurrentThreadAllocatedBytes() - before) / 900;
        assertTrue(e < 2 || perBatch < 200, perBatch + " bytes per batch");
      }
    }
  }

  @Test
  void dropsTheLastBatchIfTold() {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(25).dropLast(true).build()) {
      int images = 0;
      for (Batch batch : loader.epoch(0)) {
        images += batch.size();
      }
      assertEquals(100, images);
      assertEquals(4, loader.batches());
    }
    try (DataLoader loader = DataLoader.of(dataset).batchSize(200).dropLast(true).build()) {
      assertEquals(List.of(), contents(loader, 0));
      assertEquals(0, loader.batches());
    }
  }

  @Test
  void anErrorComesWithItsSampleAtItsPlace() {
    Dataset broken = new BrokenDataset(dataset, 57);
    for (int workers : new int[] {0, 1, 3}) {
      try (DataLoader loader = DataLoader.of(broken).batchSize(10).workers(workers).build()) {
        AtomicInteger good = new AtomicInteger();
        GradusException e =
            assertThrows(
                GradusException.class,
                () -> {
                  for (Batch batch : loader.epoch(0)) {
                    good.addAndGet(batch.size());
                  }
                });
        assertEquals(50, good.get());
        assertTrue(e.getMessage().contains("image 57 of tiny"), e.getMessage());
        assertTrue(e.getCause() instanceof IllegalStateException);
        // The loader is still good for what comes before.
        assertEquals(10, loader.epoch(1).iterator().next().size());
      }
    }
  }

  @Test
  void imagesOfDifferentSizesAreAnError() {
    Transform uneven = (image, random) -> random.nextBoolean() ? image : image.crop(0, 0, 5, 7);
    try (DataLoader loader = DataLoader.of(dataset).transform(uneven).build()) {
      GradusException e = assertThrows(GradusException.class, () -> contents(loader, 0));
      assertTrue(e.getMessage().contains("of tiny") && e.getMessage().contains("Resize"));
    }
  }

  @Test
  void closingEarlyEndsTheWorkers() {
    DataLoader loader = DataLoader.of(dataset).batchSize(2).workers(3).build();
    Epoch first = loader.epoch(0);
    first.iterator().next();
    assertFalse(workers().isEmpty());
    // A new epoch ends the one that was left.
    loader.epoch(1).iterator().next();
    assertEquals(3, workers().size());
    loader.close();
    assertEquals(List.of(), workers());
    try (Epoch third = loader.epoch(2)) {
      assertTrue(third.iterator().hasNext());
    }
    assertEquals(List.of(), workers());
  }

  @Test
  void aClosedEpochSaysSo() {
    try (DataLoader loader = DataLoader.of(dataset).build()) {
      Epoch epoch = loader.epoch(0);
      var iterator = epoch.iterator();
      assertThrows(GradusException.class, epoch::iterator);
      epoch.close();
      assertThrows(GradusException.class, iterator::next);
    }
  }

  @Test
  void workersAreDaemons() {
    try (DataLoader loader = DataLoader.of(dataset).batchSize(1).build()) {
      loader.epoch(0);
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith("gradus-loader-"))
          .forEach(thread -> assertTrue(thread.isDaemon()));
    }
  }

  @Test
  void refusesWrongSettings() {
    assertThrows(GradusException.class, () -> DataLoader.of(dataset).batchSize(0));
    assertThrows(GradusException.class, () -> DataLoader.of(dataset).workers(-1));
    assertThrows(GradusException.class, () -> DataLoader.of(dataset).prefetch(0));
    try (DataLoader loader = DataLoader.of(dataset).sampler(epoch -> new int[] {3, 101}).build()) {
      GradusException e = assertThrows(GradusException.class, () -> loader.epoch(0));
      assertTrue(e.getMessage().contains("101"), e.getMessage());
    }
    GradusException tooLarge =
        assertThrows(
            GradusException.class,
            () ->
                DataLoader.of(dataset)
                    .transform(
                        (image, random) ->
                            Image.ofFloats(1, 4096, 4096, new float[4096 * 4096])) // 101 * 64 MiB
                    .batchSize(1 << 30)
                    .build());
    assertTrue(tooLarge.getMessage().contains("smaller"), tooLarge.getMessage());
  }

  @Test
  void aBatchLargerThanTheDataSetTakesNoMoreMemoryThanItsImages() {
    List<String> all = null;
    for (int size : new int[] {101, 1 << 30}) { // the latter is 504 GB for each batch
      try (DataLoader loader = DataLoader.of(dataset).batchSize(size).shuffle(1).build()) {
        List<String> found = contents(loader, 0);
        assertEquals(1, found.size());
        all = all == null ? found : all;
        assertEquals(all, found);
        for (Batch batch : loader.epoch(1)) {
          assertEquals(101 * 3 * 6 * 7, batch.images().capacity());
        }
      }
    }
  }

  @Test
  void aSamplerMayDrawMoreThanTheDataSetHas() {
    int[] order = new int[250];
    Arrays.setAll(order, i -> i % 101);
    try (DataLoader loader =
        DataLoader.of(dataset)
            .batchSize(200)
            .sampler(epoch -> epoch == 1 ? order : new int[] {1, 2})
            .build()) {
      assertEquals(1, contents(loader, 0).size());
      assertEquals(2, contents(loader, 1).size());
      int[] sizes = new int[2];
      int n = 0;
      for (Batch batch : loader.epoch(1)) {
        sizes[n++] = batch.size();
        assertEquals(dataset.label(order[200 * (n - 1) + 7]), batch.labels().get(7));
      }
      assertArrayEquals(new int[] {200, 50}, sizes);
      assertEquals(1, contents(loader, 2).size());
    }
  }

  @Test
  void keepsWhatWasDecoded() {
    AtomicInteger decoded = new AtomicInteger();
    Transform counting =
        (image, random) -> {
          decoded.incrementAndGet();
          return image.crop(0, 0, 4, 4);
        };
    CachedDataset cached = CachedDataset.of(dataset, counting);
    try (DataLoader loader = DataLoader.of(cached).shuffle(1).workers(2).build()) {
      contents(loader, 0);
      contents(loader, 1);
    }
    assertEquals(101, decoded.get());
    assertSame(cached.get(3).image(), cached.get(3).image());
    assertEquals(dataset.contentHash(), cached.contentHash());
  }

  /** Fails at one sample, as a bug in a data set would. */
  private record BrokenDataset(Dataset whole, int bad) implements Dataset {
    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public int size() {
      return whole.size();
    }

    @Override
    public Sample get(int index) {
      if (index == bad) {
        throw new IllegalStateException("broken");
      }
      return whole.get(index);
    }

    @Override
    public int label(int index) {
      return whole.label(index);
    }

    @Override
    public List<String> classNames() {
      return whole.classNames();
    }

    @Override
    public String contentHash() {
      return whole.contentHash();
    }
  }

  @Test
  void aSamplerOfAnotherDataSetIsRefused() {
    Dataset all = Shapes.splits().train().take(100);
    Dataset part = all.take(60);
    for (Sampler sampler :
        List.of(
            Sampler.sequential(100),
            Sampler.shuffled(100, 1),
            OversamplingSampler.of(all, 1),
            UndersamplingSampler.of(all, 1),
            WeightedRandomSampler.balanced(all, 1),
            ClassBalancedBatchSampler.of(all, 20, 1))) {
      GradusException refused =
          assertThrows(GradusException.class, () -> DataLoader.of(part).sampler(sampler).build());
      assertTrue(
          refused.getMessage().contains("make the sampler from the data set that is loaded"),
          refused.getMessage());
    }
  }
}

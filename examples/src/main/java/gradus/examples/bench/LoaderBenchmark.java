package gradus.examples.bench;

import gradus.backend.Backend;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.Epoch;
import gradus.data.Sampler;
import gradus.data.transform.Transform;
import gradus.layer.Layer;
import gradus.tensor.Batch;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Times what comes before a step: decoding, transforms, making batches; and what a step costs more
 * when its batches come from a loader than when they lie in memory.
 */
public final class LoaderBenchmark {
  private static final int ROUNDS = 31;

  private final Dataset dataset;
  private final int batchSize;
  private final int workers;
  private final List<Transform> transforms;

  /**
   * A benchmark.
   *
   * @param transforms what is done to each image, with normalisation as the last
   */
  public LoaderBenchmark(Dataset dataset, int batchSize, int workers, List<Transform> transforms) {
    this.dataset = dataset;
    this.batchSize = Math.min(batchSize, dataset.size());
    this.workers = workers;
    this.transforms = List.copyOf(transforms);
  }

  /**
   * How long steps take.
   *
   * @param inMemoryNanos the median time of a step whose batch lies in memory
   * @param loadedNanos the same when batches come from the loader
   * @param overhead the share by which the loader makes steps longer: the median of many
   *     comparisons of neighbours in time
   * @param waitShare the share of the latter time in which the step waited for a batch
   */
  public record StepCost(
      double inMemoryNanos, double loadedNanos, double overhead, double waitShare) {}

  /** Images that one core decodes in a second, in random order, without any transform. */
  public double decodedPerCoreSecond(double seconds) {
    SplittableRandom random = new SplittableRandom(3);
    return perCpuSecond(
        seconds,
        () -> {
          for (int i = 0; i < batchSize; i++) {
            dataset.get(random.nextInt(dataset.size()));
          }
          return batchSize;
        });
  }

  /** Images that one core decodes, transforms and puts into batches in a second. */
  public double loadedPerCoreSecond(double seconds) {
    try (DataLoader loader = loader(0, Sampler.shuffled(dataset.size(), 1))) {
      Batches batches = new Batches(loader);
      return perCpuSecond(seconds, () -> batches.next().size());
    }
  }

  /** Images that all workers together put into batches in a second, if nobody else works. */
  public double loadedPerSecond(double seconds) {
    try (DataLoader loader = loader(workers, Sampler.shuffled(dataset.size(), 1))) {
      Batches batches = new Batches(loader);
      long images = 0;
      long end = System.nanoTime() + (long) (seconds / 3 * 1e9);
      while (System.nanoTime() < end) {
        batches.next();
      }
      long start = System.nanoTime();
      end = start + (long) (seconds * 1e9);
      long now = start;
      while (now < end) {
        images += batches.next().size();
        now = System.nanoTime();
      }
      return images * 1e9 / (now - start);
    }
  }

  /**
   * Trains {@code network} in turns with batches from memory and from the loader, so that whatever
   * else the machine does meets both alike.
   */
  public StepCost stepCost(Backend backend, Layer network, double seconds) {
    Sampler all = Sampler.shuffled(dataset.size(), 1);
    try (DataLoader whole = loader(0, all);
        StepBenchmark step = new StepBenchmark(backend, network, copyOfFirst(whole))) {
      double nanos = step.medianStepNanos(StepBenchmark.Mode.TRAIN, seconds / 10);
      int fits = dataset.size() / batchSize;
      int steps = (int) Math.max(1, Math.min(fits, seconds * 1e9 / (2 * ROUNDS * nanos)));
      int samples = steps * batchSize;
      double[] memory = new double[ROUNDS];
      double[] loaded = new double[ROUNDS];
      long waited = 0;
      double total = 0;
      try (DataLoader loader = loader(workers, epoch -> Arrays.copyOf(all.order(epoch), samples))) {
        for (int round = 0; round < ROUNDS; round++) {
          long start = System.nanoTime();
          for (int i = 0; i < steps; i++) {
            step.train(step.batch());
          }
          memory[round] = (double) (System.nanoTime() - start) / steps;
          start = System.nanoTime();
          Epoch epoch = loader.epoch(round);
          for (Batch batch : epoch) {
            step.train(batch);
          }
          double elapsed = System.nanoTime() - start;
          loaded[round] = elapsed / steps;
          waited += epoch.waitNanos();
          total += elapsed;
        }
      }
      double[] ratios = new double[ROUNDS];
      Arrays.setAll(ratios, round -> loaded[round] / memory[round]);
      return new StepCost(median(memory), median(loaded), median(ratios) - 1, waited / total);
    }
  }

  private DataLoader loader(int threads, Sampler sampler) {
    return DataLoader.of(dataset)
        .batchSize(batchSize)
        .dropLast(true)
        .sampler(sampler)
        .seed(1)
        .workers(threads)
        .transform(transforms.toArray(Transform[]::new))
        .build();
  }

  private static Batch copyOfFirst(DataLoader loader) {
    Batch batch = new Batches(loader).next();
    int values = Math.toIntExact(batch.shape().size());
    FloatBuffer images = direct(values).asFloatBuffer().put(0, batch.images(), 0, values);
    IntBuffer labels = direct(batch.size()).asIntBuffer().put(0, batch.labels(), 0, batch.size());
    return new Batch(batch.shape(), images, labels);
  }

  private static ByteBuffer direct(int elements) {
    return ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** By the time this thread computed, so that others on the machine hardly matter. */
  private static double perCpuSecond(double seconds, Work work) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long warm = threads.getCurrentThreadCpuTime() + (long) (seconds / 3 * 1e9);
    while (threads.getCurrentThreadCpuTime() < warm) {
      work.images();
    }
    List<Double> rates = new ArrayList<>();
    long end = threads.getCurrentThreadCpuTime() + (long) (seconds * 1e9);
    long start = threads.getCurrentThreadCpuTime();
    while (start < end || rates.isEmpty()) {
      long images = 0;
      long until = start + 20_000_000; // the clock may tick in hundredths of a second
      long now = start;
      while (now < until) {
        images += work.images();
        now = threads.getCurrentThreadCpuTime();
      }
      rates.add(images * 1e9 / (now - start));
      start = now;
    }
    return median(rates.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private interface Work {
    int images();
  }

  /** Batches without end, epoch after epoch. */
  private static final class Batches {
    private final DataLoader loader;
    private Iterator<Batch> batches = Collections.emptyIterator();
    private int epoch;

    Batches(DataLoader loader) {
      this.loader = loader;
    }

    Batch next() {
      while (!batches.hasNext()) {
        batches = loader.epoch(epoch++).iterator();
      }
      return batches.next();
    }
  }
}

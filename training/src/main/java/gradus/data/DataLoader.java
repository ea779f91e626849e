package gradus.data;

import gradus.GradusException;
import gradus.data.image.ImageView;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.Normalize;
import gradus.data.transform.Transform;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes batches of a data set, in worker threads, ahead of whoever trains.
 *
 * <pre>{@code
 * try (DataLoader loader = DataLoader.of(train).batchSize(64).shuffle(seed)
 *     .transform(Resize.shorterSide(32), CenterCrop.of(32), Normalize.CIFAR10).build()) {
 *   for (int e = 0; e < epochs; e++) {
 *     for (Batch batch : loader.epoch(e)) { ... }
 *   }
 * }
 * }</pre>
 *
 * <p>The batches of an epoch are the same bits whatever the number of workers. They are recycled: a
 * batch is valid until the next one is asked for. A loader serves one epoch at a time and belongs
 * to one thread; closing it ends its workers.
 */
public final class DataLoader implements AutoCloseable {
  private final Dataset dataset;
  private final Sampler sampler;
  private final long seed;
  private final List<Transform> transforms;
  private final Normalize normalize;
  private final BatchTransform batchTransform;
  private final int batchSize;
  private final int workers;
  private final boolean dropLast;
  private final Builder settings;
  private final Shape imageShape;
  private final BatchSlot[] slots;
  private Epoch current;
  private int[] repeats;

  private DataLoader(Builder given) {
    settings = new Builder(given);
    dataset = settings.dataset;
    sampler = settings.sampler;
    if (sampler.datasetSize() >= 0 && sampler.datasetSize() != dataset.size()) {
      throw new GradusException(
          "The sampler was made for a data set of "
              + sampler.datasetSize()
              + " samples, but "
              + dataset.name()
              + " has "
              + dataset.size()
              + ": make the sampler from the data set that is loaded.");
    }
    seed = settings.seed;
    batchSize = settings.batchSize;
    workers = settings.workers;
    dropLast = settings.dropLast;
    List<Transform> all = new ArrayList<>(settings.transforms);
    // Normalising while the pixels are copied saves an array and a pass over it for every image.
    boolean fused = !all.isEmpty() && all.get(all.size() - 1) instanceof Normalize;
    normalize = fused ? (Normalize) all.remove(all.size() - 1) : null;
    transforms = List.copyOf(all);
    batchTransform = settings.batchTransform;
    int classes = batchTransform == null ? 0 : dataset.classNames().size();
    imageShape = shapeOfFirst();
    if (normalize != null && normalize.mean().length != imageShape.dim(0)) {
      throw new GradusException(
          dataset.name()
              + " has images of "
              + imageShape.dim(0)
              + " channel(s), but Normalize has numbers for "
              + normalize.mean().length
              + ": measure them with Normalize.from, or read the images in another colour mode.");
    }
    slots = new BatchSlot[workers == 0 ? 1 : settings.prefetch + 1];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new BatchSlot(imageShape, classes, normalize);
    }
    reserve(dataset.size());
  }

  /** Memory for the batches of an epoch, and no more: a batch may be larger than the data set. */
  private void reserve(int samples) {
    int batches = Math.min(slots.length, batchCount(samples));
    for (int i = 0; i < batches; i++) {
      slots[i].reserve(Math.min(batchSize, samples));
    }
  }

  /**
   * The settings of a loader for {@code dataset}, to be changed and then {@linkplain Builder#build
   * built}.
   */
  public static Builder of(Dataset dataset) {
    return new Builder(dataset);
  }

  /**
   * Starts an epoch, numbered from 0; one that was not finished is closed.
   *
   * @return to be iterated once
   */
  public Epoch epoch(int number) {
    close();
    int[] order = sampler.order(number);
    for (int index : order) {
      if (index < 0 || index >= dataset.size()) {
        throw new GradusException(
            "The sampler asks for sample "
                + index
                + ", but "
                + dataset.name()
                + " has 0 to "
                + (dataset.size() - 1)
                + ".");
      }
    }
    reserve(order.length);
    repeats = repeats(order);
    current = new Epoch(this, slots, number, order, batchCount(order.length), workers);
    return current;
  }

  /**
   * How often each sample of the order has come before in it, so that a picture that is drawn twice
   * is augmented in two ways; null if none comes twice.
   */
  private int[] repeats(int[] order) {
    int[] seen = new int[dataset.size()];
    int[] repeats = new int[order.length];
    boolean any = false;
    for (int i = 0; i < order.length; i++) {
      repeats[i] = seen[order[i]]++;
      any |= repeats[i] > 0;
    }
    return any ? repeats : null;
  }

  private int batchCount(int samples) {
    return dropLast ? samples / batchSize : (samples + batchSize - 1) / batchSize;
  }

  /**
   * The settings this loader was made with, to be changed for another one over the same samples,
   * which does not disturb this one's epoch.
   */
  public Builder toBuilder() {
    return new Builder(settings);
  }

  /** The same settings for the samples of another data set, in its order. */
  public Builder toBuilder(Dataset other) {
    Builder builder = new Builder(other);
    builder.transforms.addAll(settings.transforms);
    builder.batchTransform = settings.batchTransform;
    builder.seed = seed;
    builder.batchSize = batchSize;
    builder.workers = workers;
    return builder;
  }

  /** The indices of the samples an epoch (from 0) goes through, in its order. */
  public int[] order(int epoch) {
    return sampler.order(epoch);
  }

  /** Whether it changes images or targets by chance; see {@link Builder#withoutAugmentation}. */
  public boolean isAugmenting() {
    return (batchTransform != null && batchTransform != Builder.TARGETS_ALONE)
        || transforms.stream().anyMatch(t -> t.withoutChance() != t);
  }

  /** The shape of one image after the transforms, {@code [C,H,W]}. */
  public Shape imageShape() {
    return imageShape;
  }

  /** Images in every batch but, maybe, the last. */
  public int batchSize() {
    return batchSize;
  }

  /**
   * How many batches an epoch has, as {@code len(loader)} in PyTorch: those of the first, should a
   * sampler draw more or fewer for another. {@link Epoch#batches} is of the epoch itself.
   */
  public int batches() {
    return batchCount(sampler.order(0).length);
  }

  /** What the batches are made of. */
  public Dataset dataset() {
    return dataset;
  }

  /** Ends the workers of an unfinished epoch. The loader can still start another one. */
  @Override
  public void close() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  /** Fills a slot with the given batch of an epoch; called by workers. */
  void fill(BatchSlot slot, int epoch, int[] order, int batch, Epoch owner) {
    int first = batch * batchSize;
    int count = Math.min(batchSize, order.length - first);
    slot.begin(count);
    for (int i = 0; i < count && !owner.isCancelled(); i++) {
      int index = order[first + i];
      try {
        int repeat = repeats == null ? 0 : repeats[first + i];
        slot.put(i, transformed(epoch, index, repeat), dataset.label(index));
      } catch (RuntimeException e) {
        throw explained(index, e);
      }
    }
    if (batchTransform != null && !owner.isCancelled()) {
      batchTransform.apply(slot.batch(), RandomStreams.ofBatch(seed, epoch, batch));
    }
  }

  /** Every error says which sample it was, if it does not already. */
  private GradusException explained(int index, RuntimeException e) {
    String sample = dataset.describe(index);
    if (e instanceof GradusException known && known.getMessage().contains(sample)) {
      return known;
    }
    String reason = e instanceof GradusException ? e.getMessage() : e.toString();
    return new GradusException(sample + ": " + reason, e);
  }

  private ImageView transformed(int epoch, int index, int repeat) {
    ImageView view = ImageView.of(dataset.get(index).image());
    if (!transforms.isEmpty()) {
      SplittableRandom random = RandomStreams.ofSample(seed, epoch, index, repeat);
      for (Transform transform : transforms) {
        view = transform.applyTo(view, random);
      }
    }
    return view;
  }

  private Shape shapeOfFirst() {
    try {
      ImageView view = transformed(0, 0, 0);
      return Shape.of(view.channels(), view.height(), view.width());
    } catch (RuntimeException e) {
      throw explained(0, e);
    }
  }

  /** The settings of a {@link DataLoader}. */
  public static final class Builder {
    /** Changes nothing, but what has a batch transform brings the classes as targets. */
    private static final BatchTransform TARGETS_ALONE = (batch, random) -> {};

    private final Dataset dataset;
    private final List<Transform> transforms = new ArrayList<>();
    private Sampler sampler;
    private BatchTransform batchTransform;
    private long seed;
    private int batchSize = 32;
    private int workers = Math.min(2, Runtime.getRuntime().availableProcessors());
    private int prefetch = 4;
    private boolean dropLast;

    private Builder(Dataset dataset) {
      this.dataset = dataset;
      this.sampler = Sampler.sequential(dataset.size());
    }

    private Builder(Builder other) {
      this.dataset = other.dataset;
      this.transforms.addAll(other.transforms);
      this.sampler = other.sampler;
      this.batchTransform = other.batchTransform;
      this.seed = other.seed;
      this.batchSize = other.batchSize;
      this.workers = other.workers;
      this.prefetch = other.prefetch;
      this.dropLast = other.dropLast;
    }

    /**
     * Leaves out what is drawn by chance: every transform is replaced by its {@link
     * Transform#withoutChance}, and a batch transform is dropped. For judging training images.
     */
    public Builder withoutAugmentation() {
      transforms.replaceAll(Transform::withoutChance);
      batchTransform = batchTransform == null ? null : TARGETS_ALONE;
      return this;
    }

    /** Images in a batch, at least 1; 32 by default. */
    public Builder batchSize(int images) {
      batchSize = require(images, 1, "batch size");
      return this;
    }

    /** Draws a new order for every epoch from this seed, which also serves random transforms. */
    public Builder shuffle(long seed) {
      this.seed = seed;
      return sampler(Sampler.shuffled(dataset.size(), seed));
    }

    /** Chooses the order; by default it is the data set's. */
    public Builder sampler(Sampler sampler) {
      this.sampler = sampler;
      return this;
    }

    /** The seed of random transforms; 0 by default. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Adds steps between the file and the batch, done in this order. */
    public Builder transform(Transform... steps) {
      transforms.addAll(List.of(steps));
      return this;
    }

    /**
     * Changes whole batches after all else, such as {@link gradus.data.transform.MixUp}: batches
     * then bring targets. For training alone.
     */
    public Builder batchTransform(BatchTransform transform) {
      batchTransform = transform;
      return this;
    }

    /** Threads that make batches; with 0 the caller makes them itself. 2 by default. */
    public Builder workers(int threads) {
      workers = require(threads, 0, "number of workers");
      return this;
    }

    /**
     * Batches made ahead, at least 1; 4 by default. Each takes the memory of its images; there are
     * never more than the epoch has.
     */
    public Builder prefetch(int batches) {
      prefetch = require(batches, 1, "number of prefetched batches");
      return this;
    }

    /** Whether a last batch with fewer images is left out; it is kept by default. */
    public Builder dropLast(boolean drop) {
      dropLast = drop;
      return this;
    }

    /**
     * Makes the loader; decodes the first image to learn the shape.
     *
     * @throws GradusException if that fails
     */
    public DataLoader build() {
      return new DataLoader(this);
    }

    private static int require(int value, int least, String what) {
      if (value < least) {
        throw new GradusException(
            "DataLoader: the " + what + " must be at least " + least + ", but is " + value + ".");
      }
      return value;
    }
  }
}

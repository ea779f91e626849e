package gradus.examples.bench;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Accuracy;
import gradus.optim.GradScaler;
import gradus.optim.SGD;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Times whole steps on random images: the batch is copied in, then forward, loss, backward and an
 * SGD step with momentum; or forward alone. The loop itself allocates nothing but its passes.
 */
public final class StepBenchmark implements AutoCloseable {
  /** Classes of every workload. */
  public static final int CLASSES = 10;

  /** Of the initial weights. */
  public static final long SEED = 1;

  /** Of SGD. */
  public static final double LEARNING_RATE = 0.01;

  /** Of SGD. */
  public static final double MOMENTUM = 0.9;

  private static final int MIN_STEPS = 5;
  private static final int MAX_STEPS = 1 << 20;

  private final Backend backend;
  private final Model model;
  private Model folded;
  private Precision precision = Precision.FP32;
  private GradScaler scaler; // of float16, else null
  private final SGD optimizer;
  private final CrossEntropyLoss crossEntropy = new CrossEntropyLoss();
  private final Batch batch;

  /** What a step does. */
  public enum Mode {
    /** Forward, loss, backward, update. */
    TRAIN,
    /** Forward with batch norms folded, and the count of right answers read back. */
    INFER;

    @Override
    public String toString() {
      return this == TRAIN ? "train" : "infer";
    }
  }

  /** Builds the network of a workload on a backend, which stays the caller's to close. */
  public StepBenchmark(Backend backend, Workload workload) {
    this(backend, workload, workload.batch());
  }

  /** The same with a batch of another size. */
  public StepBenchmark(Backend backend, Workload workload, int images) {
    this(backend, workload.network().create(CLASSES), randomBatch(workload, images));
  }

  /** Builds a network on a backend, which stays the caller's to close, for one batch. */
  StepBenchmark(Backend backend, Layer network, Batch batch) {
    Shape shape = batch.shape();
    Shape image = Shape.of(shape.dim(1), shape.dim(2), shape.dim(3));
    this.backend = backend;
    this.model = Model.build(backend, network, image, SEED);
    this.optimizer =
        SGD.of(model.parameters()).learningRate(LEARNING_RATE).momentum(MOMENTUM).build();
    this.batch = batch;
  }

  /** Of training steps; float32 by default. The loss of float16 is scaled, as a trainer does. */
  public void precision(Precision value) {
    precision = value;
    scaler = value == Precision.FP16 ? new GradScaler(model.parameters()) : null;
  }

  /** How many numbers are trained. */
  public long parameters() {
    return model.parameters().count();
  }

  /** One step; the loss before it, or the right answers. */
  public float step(Mode mode) {
    return mode == Mode.TRAIN ? train(batch) : inferStep();
  }

  /** What is trained on. */
  Batch batch() {
    return batch;
  }

  /**
   * The median time of a step in nanoseconds, over about {@code seconds} of steps after a third of
   * that for warming up, and over five steps at least.
   */
  public double medianStepNanos(Mode mode, double seconds) {
    run(mode, seconds / 3);
    long[] nanos = run(mode, seconds);
    requireUpdates();
    Arrays.sort(nanos);
    int middle = nanos.length / 2;
    return nanos.length % 2 == 1 ? nanos[middle] : (nanos[middle - 1] + nanos[middle]) / 2.0;
  }

  /** Steps of float16 that all overflow would be timed without their updates. */
  private void requireUpdates() {
    if (scaler != null && scaler.state().scale() == 1) {
      throw new GradusException(
          "float16 cannot hold the gradients of this network, whatever the scale of the loss: no"
              + " step was whole. Measure bf16 or fp32.");
    }
  }

  private long[] run(Mode mode, double seconds) {
    long[] nanos = new long[MAX_STEPS];
    int steps = 0;
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    while (steps < MAX_STEPS && (steps < MIN_STEPS || start < end)) {
      step(mode);
      long now = System.nanoTime();
      nanos[steps++] = now - start;
      start = now;
    }
    return Arrays.copyOf(nanos, steps);
  }

  /** One step on a batch of that shape. */
  float train(Batch examples) {
    try (Pass pass = Pass.training(backend).withPrecision(precision)) {
      Tensor images = pass.images(examples); // all copies first, as the trainer has them
      Tensor labels = pass.labels(examples);
      Tensor loss = crossEntropy.apply(model.forward(images), labels);
      if (scaler == null) {
        pass.backward(loss);
        optimizer.step();
      } else {
        pass.backward(loss, scaler.scale());
        scaler.step(optimizer);
      }
      return loss.item(); // waits for the device: without it only the launching would be timed
    }
  }

  private float inferStep() {
    if (folded == null) {
      folded = model.foldBatchNorms();
    }
    try (Pass pass = Pass.evaluating(backend)) {
      return Accuracy.correct(folded.forward(pass.images(batch)), pass.labels(batch)).item();
    }
  }

  /** Random images and labels, always the same ones. */
  public static Batch randomBatch(Workload workload, int images) {
    return randomBatch(workload.image().withBatch(images));
  }

  private static Batch randomBatch(Shape shape) {
    SplittableRandom random = new SplittableRandom(7);
    FloatBuffer images = direct(shape.size()).asFloatBuffer();
    for (int i = 0; i < shape.size(); i++) {
      images.put(i, (float) (2 * random.nextDouble() - 1));
    }
    IntBuffer labels = direct(shape.dim(0)).asIntBuffer();
    for (int i = 0; i < shape.dim(0); i++) {
      labels.put(i, random.nextInt(CLASSES));
    }
    return new Batch(shape, images, labels);
  }

  private static ByteBuffer direct(long elements) {
    return ByteBuffer.allocateDirect(Math.toIntExact(elements * Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    optimizer.close();
    if (folded != null) {
      folded.close();
    }
    model.close();
  }
}

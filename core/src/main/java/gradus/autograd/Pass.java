package gradus.autograd;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * One step: the tape, the owner of every activation, the train/evaluate mode and the random stream,
 * in one {@code AutoCloseable}. Layers have no mode of their own that could be forgotten: they ask
 * the pass.
 *
 * <pre>{@code
 * try (Pass pass = Pass.training(backend)) {
 *   Tensor loss = crossEntropy.apply(model.forward(pass.images(batch)), pass.labels(batch));
 *   pass.backward(loss);
 *   optimizer.step();
 * }
 * }</pre>
 *
 * Closing it returns all its memory to the backend's pool, so that the next step finds it again. A
 * pass belongs to one thread.
 */
public final class Pass implements AutoCloseable {
  private static final int TYPICAL_TENSORS = 32;

  private final Backend backend;
  private final boolean training;
  private final Tape tape; // null where nothing is recorded
  private final HeldBuffers buffers;
  private boolean dropping;
  private Precision precision = Precision.FP32;
  private MixedPrecision mixed; // null but in a mixed precision
  private long randomState;
  private Tensor[] owned = new Tensor[TYPICAL_TENSORS];
  private int ownedCount;
  private FloatBuffer hostScalar;
  private boolean open = true;
  private boolean backwardDone;
  private Tensor unitRoot;

  private Pass(Backend backend, boolean training, boolean recording, long seed) {
    this.backend = backend;
    this.training = training;
    this.dropping = training;
    this.tape = recording ? new Tape() : null;
    this.buffers = new HeldBuffers(backend.pool());
    this.randomState = seed;
  }

  /**
   * A training step: ops are recorded, dropout drops, batch norm uses the batch unless it is
   * frozen. Its random stream starts at 0.
   */
  public static Pass training(Backend backend) {
    return new Pass(backend, true, true, 0);
  }

  /**
   * A training step whose random stream (dropout) starts at {@code seed}: give every step its own.
   */
  public static Pass training(Backend backend, long seed) {
    return new Pass(backend, true, true, seed);
  }

  /**
   * An evaluation step: nothing is recorded, dropout does nothing, batch norm uses its running
   * statistics.
   */
  public static Pass evaluating(Backend backend) {
    return new Pass(backend, false, false, 0);
  }

  /**
   * An evaluation step that backward can go through, to ask a trained model what its answer depends
   * on: layers do as in evaluation, and gradients go to the tensors that asked for one with {@link
   * Tensor#requireGradient} or {@link Tensor#retainGradient}, never to parameters. What PyTorch
   * does after {@code model.eval()} and {@code requires_grad_(False)}.
   */
  public static Pass explaining(Backend backend) {
    return new Pass(backend, false, true, 0);
  }

  /** The backend its kernels run on. */
  public Backend backend() {
    return backend;
  }

  /** Whether this is a training step. */
  public boolean isTraining() {
    return training;
  }

  /**
   * Makes dropout and stochastic depth drop nothing in this training step: to see what a run would
   * do without them.
   */
  public Pass withoutDropout() {
    dropping = false;
    return this;
  }

  /**
   * Makes this training step compute in that precision, before anything else is done in it.
   *
   * @throws GradusException if the backend cannot
   */
  public Pass withPrecision(Precision value) {
    if (!training || ownedCount > 0) {
      throw new IllegalStateException(
          "A precision is chosen for a training pass, before its first tensor.");
    }
    backend.support(value).require();
    precision = value;
    mixed = value.isMixed() ? new MixedPrecision(this) : null;
    return this;
  }

  /** For ops: what the factors of convolutions and linear layers may be rounded to. */
  public Precision precision() {
    return precision;
  }

  /** For ops: whether this step drops units at random. */
  public boolean isDropping() {
    return dropping;
  }

  /** Whether it has not been closed yet. */
  public boolean isOpen() {
    return open;
  }

  /** Brings the images of a batch to the device: {@code [N,C,H,W]}. */
  public Tensor images(Batch batch) {
    Tensor tensor = allocate(batch.shape());
    HostBatch.copyImages(batch, backend.memory(), tensor.buffer());
    return tensor;
  }

  /**
   * Brings the labels of a batch to the device: {@code [N]}, I32.
   *
   * @throws GradusException if one is negative; the losses check the upper end
   */
  public Tensor labels(Batch batch) {
    int largest = HostBatch.largestLabel(batch);
    Tensor tensor = allocate(Shape.of(batch.size()), DType.I32, Placement.DENSE);
    tensor.setLargestLabel(largest);
    backend.memory().copyIn(HostBatch.labels(batch), tensor.buffer(), batch.size());
    return tensor;
  }

  /**
   * What a loss should compare with: the batch's {@linkplain Batch#targets targets} {@code
   * [N,classes]} where it has some, else its {@linkplain #labels labels}.
   */
  public Tensor targets(Batch batch) {
    FloatBuffer targets = batch.targets();
    return targets == null
        ? labels(batch)
        : tensor(
            targets.duplicate().clear(), // whole, wherever its position is
            Shape.of(batch.size(), targets.capacity() / batch.size()));
  }

  /**
   * The same where a loss compares with all outputs of the network: {@code [N,classes]}, labels
   * {@linkplain Batch#oneHot one-hot}.
   *
   * @throws GradusException if a label is not among the classes
   */
  public Tensor targets(Batch batch, int classes) {
    if (batch.targets() != null) {
      return targets(batch);
    }
    HostBatch.labels(batch); // there must be some
    return tensor(batch.oneHot(classes), Shape.of(batch.size(), classes));
  }

  /**
   * Brings host values, from the buffer's position on, to the device as a batch tensor, such as
   * soft targets {@code [N,classes]}.
   *
   * @throws GradusException if the buffer holds fewer values than the shape
   */
  public Tensor tensor(FloatBuffer values, Shape shape) {
    if (values.remaining() < shape.size()) {
      throw new GradusException(
          "A tensor "
              + shape
              + " needs "
              + shape.size()
              + " values, but the buffer has "
              + values.remaining()
              + " from its position on.");
    }
    Tensor tensor = allocate(shape);
    backend.memory().copyIn(values, tensor.buffer(), shape, Placement.BATCH);
    return tensor;
  }

  /**
   * Carries the gradient of a scalar back to everything that wants one. Afterwards activations are
   * gone, except kept ones and the loss itself; parameters hold their gradients.
   */
  public void backward(Tensor loss) {
    backward(loss, 1);
  }

  /**
   * {@link #backward(Tensor)} of {@code scale} times the loss: for gradient accumulation and loss
   * scaling.
   */
  public void backward(Tensor loss, float scale) {
    requireBackward(loss);
    if (loss.shape().size() != 1) {
      throw new IllegalStateException(
          "backward starts from one number, but the tensor has the shape " + loss.shape() + ".");
    }
    backwardDone = true;
    backend.math().fill(loss.gradient(), scale);
    loss.gradientBeta();
    unitRoot = scale == 1 ? loss : null;
    loss.keep();
    tape.goBack(this, mixed);
  }

  /**
   * Carries a given gradient of any tensor back, as {@code output.backward(gradient)} in PyTorch:
   * that of one logit, for example, is 1 at its place and 0 elsewhere.
   *
   * @param gradient as many numbers as the tensor has, in logical row-major order
   */
  public void backward(Tensor output, float[] gradient) {
    requireBackward(output);
    if (output.shape().size() != gradient.length) {
      throw new GradusException(
          "A gradient of the tensor "
              + output.shape()
              + " has "
              + output.shape().size()
              + " numbers, but "
              + gradient.length
              + " are given.");
    }
    backwardDone = true;
    backend
        .memory()
        .copyIn(FloatBuffer.wrap(gradient), output.gradient(), output.shape(), output.placement());
    output.gradientBeta();
    output.keep();
    tape.goBack(this, mixed);
  }

  /** How many ops are recorded: an op to come has this number, counted from 0. */
  public int recorded() {
    return tape == null ? 0 : tape.recorded();
  }

  /**
   * Tells {@code opsLeft} after each op of {@link #backward} how many are still to come: those of
   * the numbers below.
   */
  public void followBackward(IntConsumer opsLeft) {
    if (tape != null) {
      tape.follow(opsLeft);
    }
  }

  private void requireBackward(Tensor root) {
    requireMine(root);
    if (tape == null) {
      throw new IllegalStateException(
          "backward needs a training pass, but this is an evaluation pass: use Pass.training(backend).");
    }
    if (backwardDone) {
      throw new IllegalStateException(
          "backward has already run in this pass: open a new pass for every step.");
    }
  }

  /** Returns every buffer of this pass to the pool. Waits for nothing. */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (tape != null) {
      tape.forget(this);
    }
    for (int i = 0; i < ownedCount; i++) {
      owned[i].release();
      owned[i].releaseRetainedGradient();
    }
    buffers.giveAllBack();
    open = false;
  }

  // What layers and ops use.

  /** For ops: a float batch tensor with undefined contents. */
  public Tensor allocate(Shape shape) {
    return allocate(shape, DType.F32, Placement.BATCH);
  }

  /**
   * For ops that write {@link Tensor#stored} values, and read {@link Tensor#storedGradient}: an
   * activation with undefined contents, rounded where it is made.
   */
  public Tensor allocateStored(Shape shape) {
    if (mixed == null) {
      return allocate(shape);
    }
    requireOpen();
    mixed.inputsAreKnown();
    Tensor tensor = own(new Tensor(this, shape, DType.F32, Placement.BATCH, null));
    tensor.setPacked(takeBuffer(shape, precision.activations(), Placement.BATCH));
    if (backend.roundsGradients(precision())) {
      tensor.roundGradient();
    }
    return tensor;
  }

  /** For ops: a tensor of this pass with undefined contents. */
  public Tensor allocate(Shape shape, DType dtype, Placement placement) {
    requireOpen();
    if (mixed != null) {
      mixed.inputsAreKnown();
    }
    return own(new Tensor(this, shape, dtype, placement, takeBuffer(shape, dtype, placement)));
  }

  private Tensor own(Tensor tensor) {
    if (ownedCount == owned.length) {
      owned = Arrays.copyOf(owned, ownedCount * 2);
    }
    owned[ownedCount++] = tensor;
    return tensor;
  }

  /**
   * For ops: memory to save something for backward, or for the moment; give it back with {@link
   * #giveBack}.
   */
  public Buffer takeBuffer(Shape shape, DType dtype, Placement placement) {
    return takeBuffer(
        dtype, backend.memory().bytes(shape, dtype, placement), placement == Placement.BATCH);
  }

  /** For ops: memory of a given size, for the moment. */
  public Buffer takeBuffer(DType dtype, long bytes) {
    return takeBuffer(dtype, bytes, true);
  }

  private Buffer takeBuffer(DType dtype, long bytes, boolean passing) {
    requireOpen();
    boolean shared = mixed != null && dtype == DType.F32 && passing;
    return buffers.take(dtype, bytes, shared);
  }

  /** For ops: the end of {@link #takeBuffer}; null is ignored. */
  public void giveBack(Buffer buffer) {
    if (buffer != null) {
      buffers.giveBack(buffer);
    }
  }

  /**
   * For ops: puts {@code op}, which made {@code output}, on the tape. Not to be called in a pass
   * that does not record.
   */
  public void record(Op op, Tensor output) {
    tape.record(op, output);
    output.requireGradient();
  }

  /**
   * For losses: whether the gradient of {@code output} is known to be 1, so that nothing needs
   * scaling.
   */
  public boolean gradientIsOne(Tensor output) {
    return output == unitRoot;
  }

  /**
   * For ops: takes in an input, which is rounded to the precision of this pass, and says whether
   * the op must be recorded because of it. To be called before {@link #allocate} for each input.
   */
  public boolean records(Tensor input) {
    return records(input, false);
  }

  /** For ops: {@link #records(Tensor)} of an op with this input and parameters. */
  public boolean records(Tensor input, boolean trainable) {
    requireMine(input);
    if (mixed != null) {
      mixed.takeIn(input);
    }
    return tape != null && ((training && trainable) || input.wantsGradient());
  }

  /** {@link #records(Tensor, boolean)} for ops that read {@link Tensor#stored} values. */
  public boolean recordsStored(Tensor input, boolean trainable) {
    requireMine(input);
    if (mixed != null) {
      mixed.takeInPacked(input);
    }
    return tape != null && ((training && trainable) || input.wantsGradient());
  }

  /** For ops that want their input in float32 whatever the precision: softmax and losses. */
  public boolean recordsUnrounded(Tensor input) {
    requireMine(input);
    return tape != null && input.wantsGradient();
  }

  Buffer expanded(Tensor packed) {
    return mixed.expanded(packed);
  }

  /**
   * For containers: gives an activation back early in an evaluation pass, when only {@code next}
   * was made from it.
   */
  public void releaseEarly(Tensor previous, Tensor next) {
    if (tape == null && !previous.sharesMemoryWith(next)) {
      previous.releaseUnlessKept();
    }
  }

  /** The next number of this pass's random stream. */
  public int nextSeed() {
    randomState += 0x9E3779B97F4A7C15L;
    long z = (randomState ^ (randomState >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) ((z ^ (z >>> 31)) >>> 32);
  }

  FloatBuffer hostScalar() {
    if (hostScalar == null) {
      hostScalar = FloatBuffer.allocate(1);
    }
    hostScalar.clear();
    return hostScalar;
  }

  float[] read(Buffer buffer, Shape shape, Placement placement) {
    float[] values = new float[Math.toIntExact(shape.size())];
    backend.memory().copyOut(buffer, shape, placement, FloatBuffer.wrap(values));
    return values;
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("This pass has closed: open a new one for every step.");
    }
  }

  private void requireMine(Tensor tensor) {
    requireOpen();
    if (tensor.pass() != this) {
      throw new IllegalStateException(
          "The tensor " + tensor.shape() + " belongs to another pass: a step must not mix two.");
    }
  }
}

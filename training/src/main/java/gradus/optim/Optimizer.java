package gradus.optim;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/**
 * Turns gradients into new weights. {@link #step} updates every trainable parameter that has a
 * gradient and marks the gradients as used, so that the next backward overwrites them: there is no
 * zero_grad. Several passes before one step add up.
 *
 * <p>Its state (velocities, moments) lies in flat arrays like the parameters'; {@link #close} frees
 * it.
 */
public abstract class Optimizer implements AutoCloseable {
  /** A run of neighbouring parameters treated alike, in elements of the flat arrays. */
  protected record Range(long first, long count, float weightDecay) {}

  private final ParameterStore parameters;
  private final Predicate<Parameter> decays;
  private final double weightDecay;
  private final List<Buffer> state = new ArrayList<>();
  private final boolean[] active;
  private List<Range> ranges = List.of();
  private double learningRate;
  private long steps;
  private boolean closed;

  /** For subclasses: what every optimizer has. */
  protected Optimizer(Builder<?> builder) {
    this.parameters = builder.parameters;
    this.learningRate = builder.learningRate;
    this.weightDecay = builder.weightDecay;
    this.decays = builder.decays;
    this.active = new boolean[parameters.list().size()];
  }

  /** Updates the weights once. Does nothing where no backward has left a gradient. */
  public final void step() {
    if (closed) {
      throw new IllegalStateException("This optimizer has been closed: its state is gone.");
    }
    steps++;
    chooseRanges();
    OptimizerStep step = new OptimizerStep((float) learningRate, steps);
    for (int i = 0; i < ranges.size(); i++) {
      update(step, ranges.get(i));
    }
    List<Parameter> list = parameters.list();
    for (int i = 0; i < list.size(); i++) {
      list.get(i).gradientUsed();
    }
  }

  /** Updates one range of the flat arrays. */
  protected abstract void update(OptimizerStep step, Range range);

  /** The rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /**
   * Changes the rate of the next step.
   *
   * @throws GradusException unless it is a number from 0
   */
  public final void setLearningRate(double rate) {
    learningRate = checkedRate(rate);
  }

  /** How strongly decayed parameters are pulled towards 0. */
  public final double weightDecay() {
    return weightDecay;
  }

  /** Steps done. */
  public final long steps() {
    return steps;
  }

  /** For checkpoints: its flat arrays, in a fixed order. */
  public final List<Buffer> state() {
    return Collections.unmodifiableList(state);
  }

  /** For checkpoints: the number of steps its arrays come from, which bias corrections need. */
  public final void restoreSteps(long done) {
    steps = done;
  }

  /** The parameters it updates. */
  public final ParameterStore parameters() {
    return parameters;
  }

  /** One line for run records: {@code SGD(learning_rate=0.05, momentum=0.9)}. */
  @Override
  public abstract String toString();

  /** For subclasses: a zeroed array of the size of all parameters, freed with the optimizer. */
  protected final Buffer newState() {
    Backend backend = parameters.backend();
    Buffer buffer = backend.memory().allocate(DType.F32, parameters.values().bytes());
    backend.memory().zero(buffer);
    state.add(buffer);
    return buffer;
  }

  @Override
  public final void close() {
    state.forEach(parameters.backend().memory()::free);
    state.clear();
    closed = true;
  }

  /**
   * Joins neighbours into ranges, anew only when a parameter was frozen, thawed, or got its first
   * gradient.
   */
  private void chooseRanges() {
    List<Parameter> list = parameters.list();
    boolean changed = false;
    for (int i = 0; i < active.length; i++) {
      Parameter parameter = list.get(i);
      boolean now = parameter.isTrainable() && parameter.hasGradient();
      changed |= now != active[i];
      active[i] = now;
    }
    if (changed) {
      ranges = join(list);
    }
  }

  private List<Range> join(List<Parameter> list) {
    List<Range> joined = new ArrayList<>();
    Range open = null;
    for (int i = 0; i < active.length; i++) {
      if (!active[i]) {
        continue;
      }
      Parameter parameter = list.get(i);
      float decay = decays.test(parameter) ? (float) weightDecay : 0;
      long size = ParameterStore.aligned(parameter.shape().size());
      if (open != null
          && open.first + open.count == parameter.offset()
          && open.weightDecay == decay) {
        open = new Range(open.first, open.count + size, decay);
        joined.set(joined.size() - 1, open);
      } else {
        open = new Range(parameter.offset(), size, decay);
        joined.add(open);
      }
    }
    return List.copyOf(joined);
  }

  private static double checkedRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new GradusException(
          "The learning rate is "
              + rate
              + ", but must be a number from 0; usual are 0.1 to 0.00001.");
    }
    return rate;
  }

  /** What every optimizer can be told. */
  public abstract static class Builder<B extends Builder<B>> {
    private final ParameterStore parameters;
    private double learningRate;
    private double weightDecay;
    private Predicate<Parameter> decays = p -> true;

    /** For subclasses: the parameters and the defaults. */
    protected Builder(ParameterStore parameters, double learningRate, double weightDecay) {
      this.parameters = parameters;
      this.learningRate = learningRate;
      this.weightDecay = weightDecay;
    }

    /** The rate of the first step, from 0. */
    public B learningRate(double rate) {
      learningRate = checkedRate(rate);
      return self();
    }

    /** How strongly weights are pulled towards 0, from 0. */
    public B weightDecay(double decay) {
      weightDecay = checked("weight decay", decay, 0, Double.MAX_VALUE);
      return self();
    }

    /** Which parameters are decayed; by default all, as in PyTorch. */
    public B decayOnly(Predicate<Parameter> which) {
      decays = which;
      return self();
    }

    /** Decays weights, but neither biases nor normalisation parameters. */
    public B decayWeightsOnly() {
      return decayOnly(p -> p.kind() == Parameter.Kind.WEIGHT);
    }

    /** The optimizer, with its state allocated. */
    public abstract Optimizer build();

    /** For subclasses: this. */
    protected abstract B self();

    /** For subclasses: {@code value} if it lies from {@code low} to {@code high}. */
    protected static double checked(String what, double value, double low, double high) {
      if (!(value >= low && value <= high)) {
        throw new GradusException(
            "The " + what + " is " + value + ", but must be from " + low + " to " + high + ".");
      }
      return value;
    }
  }
}

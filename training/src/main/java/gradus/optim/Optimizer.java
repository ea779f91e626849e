package gradus.optim;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
  protected static final class Range {
    private final long first;
    private final Group group;
    private final double penalties;
    private long count;
    private long steps;

    private Range(long first, Group group, long steps, double penalties) {
      this.first = first;
      this.group = group;
      this.steps = steps;
      this.penalties = penalties;
    }

    /** Its first element. */
    public long first() {
      return first;
    }

    /** How many elements. */
    public long count() {
      return count;
    }

    /** How strongly these weights are pulled towards 0. */
    public double weightDecay() {
      return group.weightDecay * penalties;
    }
  }

  /** How parameters that fit are treated. */
  private record Group(
      Predicate<Parameter> which, double rateFactor, double weightDecay, double l1) {}

  private final ParameterStore parameters;
  private final List<Group> groups;
  private final double weightDecay;
  private final double l1;
  private final List<Buffer> state = new ArrayList<>();
  private final boolean[] active;
  private final long[] stepsOf; // of each parameter: one that was frozen has had fewer
  private List<Range> ranges = List.of();
  private double learningRate;
  private double penaltyFactor = 1;
  private long steps;
  private boolean closed;

  /** For subclasses: what every optimizer has. */
  protected Optimizer(Builder<?> builder) {
    this.parameters = builder.parameters;
    this.learningRate = builder.learningRate;
    this.weightDecay = builder.weightDecay;
    this.l1 = builder.l1;
    this.groups = builder.groups();
    this.active = new boolean[parameters.list().size()];
    this.stepsOf = new long[active.length];
  }

  /** Updates the weights once. Does nothing where no backward has left a gradient. */
  public final void step() {
    if (closed) {
      throw new IllegalStateException("This optimizer has been closed: its state is gone.");
    }
    parameters.requireOpen();
    steps++;
    chooseRanges();
    for (int i = 0; i < ranges.size(); i++) {
      Range range = ranges.get(i);
      range.steps++;
      if (range.group.l1 * penaltyFactor > 0) {
        parameters
            .backend()
            .optimizers()
            .addL1(
                (float) (range.group.l1 * penaltyFactor),
                parameters.values(),
                parameters.gradients(),
                range.first,
                range.count);
      }
      update(new OptimizerStep(learningRate * range.group.rateFactor, range.steps), range);
    }
    List<Parameter> list = parameters.list();
    for (int i = 0; i < active.length; i++) {
      stepsOf[i] += active[i] ? 1 : 0;
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

  /**
   * Multiplies weight decay and L1 penalties of all groups from the next step on: 0 to see what a
   * run would do without them. Default 1.
   *
   * @throws GradusException unless it is a number from 0
   */
  public final void setPenaltyFactor(double factor) {
    if (!(factor >= 0) || Double.isInfinite(factor)) {
      throw new GradusException(
          "The factor of the penalties is " + factor + ", but must be a number from 0.");
    }
    if (factor != penaltyFactor) {
      penaltyFactor = factor;
      forgetRanges();
    }
  }

  /**
   * Changes the momentum of the next step: how much of the velocity survives it, from 0 to 1. A
   * velocity that there was none of begins at 0.
   *
   * @throws GradusException unless this is {@link SGD}
   */
  public void setMomentum(double value) {
    throw new GradusException(
        "The momentum is to become "
            + value
            + ", but only that of SGD can be changed; this is "
            + this
            + ".");
  }

  /** What weight decay and L1 penalties are multiplied by. */
  public final double penaltyFactor() {
    return penaltyFactor;
  }

  /** How strongly decayed parameters are pulled towards 0. */
  public final double weightDecay() {
    return weightDecay;
  }

  /** The strength of the L1 penalty on decayed parameters. */
  public final double l1() {
    return l1;
  }

  /** Steps done. */
  public final long steps() {
    return steps;
  }

  /** For checkpoints: its flat arrays, in a fixed order. */
  public final List<Buffer> state() {
    return Collections.unmodifiableList(state);
  }

  /** For checkpoints: the steps each parameter has had, in their order. */
  public final List<Long> stepsOfParameters() {
    return Arrays.stream(stepsOf).boxed().toList();
  }

  /**
   * For checkpoints: the number of steps its arrays come from, which bias corrections need.
   *
   * @param ofParameters as {@link #stepsOfParameters} gave them
   */
  public final void restoreSteps(long done, List<Long> ofParameters) {
    if (ofParameters.size() != stepsOf.length) {
      throw new GradusException(
          "The state is of "
              + ofParameters.size()
              + " parameters, but the optimizer has "
              + stepsOf.length
              + ": build the model of then.");
    }
    steps = done;
    Arrays.setAll(stepsOf, ofParameters::get);
    forgetRanges();
  }

  /** The parameters it updates. */
  public final ParameterStore parameters() {
    return parameters;
  }

  /**
   * Those of its own settings that can be far from usual, as far as it has them: {@code momentum},
   * {@code beta1}, {@code beta2}, {@code epsilon}.
   */
  public Map<String, Double> settings() {
    return Map.of();
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

  /** For subclasses: gives an array back that is no longer needed. */
  protected final void freeState(Buffer buffer) {
    state.remove(buffer);
    parameters.backend().memory().free(buffer);
  }

  @Override
  public final void close() {
    state.forEach(parameters.backend().memory()::free);
    state.clear();
    closed = true;
  }

  /** The next step joins them anew. */
  private void forgetRanges() {
    Arrays.fill(active, false);
    ranges = List.of();
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
      Group group = groupOf(parameter);
      if (open == null
          || open.first + open.count != parameter.offset()
          || !open.group.equals(group)
          || open.steps != stepsOf[i]) {
        open = new Range(parameter.offset(), group, stepsOf[i], penaltyFactor);
        joined.add(open);
      }
      open.count += ParameterStore.aligned(parameter.shape().size());
    }
    return List.copyOf(joined);
  }

  private Group groupOf(Parameter parameter) {
    for (Group group : groups) {
      if (group.which.test(parameter)) {
        return group;
      }
    }
    throw new IllegalStateException(parameter + " belongs to no group.");
  }

  /** For subclasses: the settings all optimizers share, to be printed after their own. */
  protected final String sharedSettings() {
    StringBuilder text = new StringBuilder("weight_decay=").append(weightDecay);
    if (l1 > 0) {
      text.append(", l1=").append(l1);
    }
    for (Group group : groups.subList(0, groups.size() - 2)) {
      text.append(", group(learning_rate x ")
          .append(group.rateFactor)
          .append(", weight_decay=")
          .append(group.weightDecay)
          .append(")");
    }
    return text.append(")").toString();
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
    private double l1;
    private Predicate<Parameter> decays = p -> true;
    private final List<Group> special = new ArrayList<>();

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

    /**
     * The strength of an L1 penalty on those parameters that are decayed, from 0: {@code l1
     * sign(w)} is added to their gradient, which drives small weights to 0. Default 0; PyTorch's
     * optimizers have none.
     */
    public B l1(double strength) {
      l1 = checked("L1 penalty", strength, 0, Double.MAX_VALUE);
      return self();
    }

    /**
     * Treats some parameters in a way of their own: PyTorch's param_groups. The first group that
     * fits counts; those that fit none get the common settings.
     *
     * @param rateFactor what the learning rate is multiplied by for them, from 0
     * @param decay their weight decay, from 0
     */
    public B group(Predicate<Parameter> which, double rateFactor, double decay) {
      special.add(
          new Group(
              which,
              checked("learning rate factor of a group", rateFactor, 0, Double.MAX_VALUE),
              checked("weight decay of a group", decay, 0, Double.MAX_VALUE),
              0));
      return self();
    }

    private List<Group> groups() {
      List<Group> all = new ArrayList<>(special);
      all.add(new Group(decays, 1, weightDecay, l1));
      all.add(new Group(p -> true, 1, 0, 0));
      return List.copyOf(all);
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

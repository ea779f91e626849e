package gradus.layer;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * The parameters of a model in three flat arrays: values, gradients, statistics. Weights come
 * first, then biases, then normalisation parameters, each at a multiple of 64 bytes, so that an
 * optimizer updates a whole group with one kernel and data-parallel training sums one array. The
 * gaps hold zeros.
 */
public final class ParameterStore implements Iterable<Parameter>, AutoCloseable {
  private static final int ALIGNMENT = 16; // elements: one cache line

  private final Backend backend;
  private final List<Parameter> state;
  private final List<Parameter> trained;
  private final Buffer values;
  private final Buffer gradients;
  private final Buffer statistics;
  private boolean open = true;

  ParameterStore(Backend backend, List<Parameter> state) {
    this.backend = backend;
    this.state = state;
    this.trained =
        state.stream()
            .filter(p -> p.kind() != Parameter.Kind.STATISTIC)
            .sorted(Comparator.comparing(Parameter::kind))
            .toList();
    List<Parameter> statisticList =
        state.stream().filter(p -> p.kind() == Parameter.Kind.STATISTIC).toList();
    this.values = zeros(trained);
    this.gradients = zeros(trained);
    this.statistics = zeros(statisticList);
    bind(trained, values, gradients);
    bind(statisticList, statistics, null);
  }

  private Buffer zeros(List<Parameter> list) {
    long elements =
        Math.max(ALIGNMENT, list.stream().mapToLong(p -> aligned(p.shape().size())).sum());
    if (elements > Integer.MAX_VALUE) {
      throw new GradusException(
          String.format(
              Locale.ROOT,
              "The model would have %,d parameters, but they lie in one array of at most %,d. The"
                  + " largest is %s: make its layer smaller.",
              elements,
              Integer.MAX_VALUE,
              Collections.max(list, Comparator.comparing(p -> p.shape().size()))));
    }
    Memory memory = backend.memory();
    Buffer buffer =
        memory.allocate(
            DType.F32,
            memory.bytes(Shape.of(Math.toIntExact(elements)), DType.F32, Placement.DENSE));
    memory.zero(buffer);
    return buffer;
  }

  private void bind(List<Parameter> list, Buffer valueArray, Buffer gradientArray) {
    Memory memory = backend.memory();
    long offset = 0;
    for (Parameter parameter : list) {
      long size = parameter.shape().size();
      parameter.bind(
          memory,
          memory.slice(valueArray, offset, size),
          gradientArray == null ? null : memory.slice(gradientArray, offset, size),
          offset);
      offset += aligned(size);
    }
  }

  /** The room a parameter takes in the flat arrays, in elements. */
  public static long aligned(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  void initialize(long seed) {
    state.forEach(p -> p.initialize(seed));
  }

  /** The backend the arrays live on. */
  public Backend backend() {
    return backend;
  }

  /** The parameters in the order of the flat arrays. */
  @Override
  public Iterator<Parameter> iterator() {
    return trained.iterator();
  }

  /**
   * Makes the next backward overwrite the gradients instead of adding to them: PyTorch's {@code
   * zero_grad()}, which an optimizer's step does by itself.
   */
  public void forgetGradients() {
    trained.forEach(Parameter::gradientUsed);
  }

  /**
   * The parameters in the order of the flat arrays: weights before biases before those of norms, of
   * each the first layer's first. Unlike PyTorch's {@code model.parameters()}, the last are not
   * those of the last layer: for that see {@link #state}.
   */
  public List<Parameter> list() {
    return trained;
  }

  /** Parameters and statistics in the order of the layers. */
  public List<Parameter> state() {
    return state;
  }

  /**
   * The one of that name.
   *
   * @throws GradusException if there is none
   */
  public Parameter named(String name) {
    return state.stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new GradusException(
                    "The model has no parameter named " + name + ". It has: " + state + "."));
  }

  /** How many numbers are trained. */
  public long count() {
    return trained.stream().mapToLong(p -> p.shape().size()).sum();
  }

  /** All values in one array. */
  public Buffer values() {
    requireOpen();
    return values;
  }

  /** All gradients in one array, laid out like {@link #values}. */
  public Buffer gradients() {
    requireOpen();
    return gradients;
  }

  /** All running statistics in one array, in the order of the layers. */
  public Buffer statistics() {
    requireOpen();
    return statistics;
  }

  /**
   * For what would do nothing without parameters, and is to say why.
   *
   * @throws IllegalStateException if the model has been closed
   */
  public void requireOpen() {
    if (!open) {
      throw new IllegalStateException("The model has been closed: its parameters are gone.");
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      state.forEach(Parameter::unbind);
      backend.memory().free(values);
      backend.memory().free(gradients);
      backend.memory().free(statistics);
    }
  }
}

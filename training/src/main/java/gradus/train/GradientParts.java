package gradus.train;

import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Parameter;
import gradus.layer.Parameter.Kind;
import gradus.layer.ParameterStore;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;

/**
 * The gradients of a model in parts, each of which is final once backward has gone through the
 * first op that used one of its parameters: weights from the last layers to the first, then biases
 * and normalisation parameters, which are few. Models of one network have the same parts, and the
 * same order of them, whatever each pass does.
 */
final class GradientParts implements AutoCloseable {
  private final Backend backend;
  private final Consumer<Buffer> whenFinal;
  private final List<Part> parts = new ArrayList<>();
  private final IdentityHashMap<Parameter, Part> partOf = new IdentityHashMap<>();
  private Pass forward; // that is followed at present, or null
  private int next;

  /** Neighbours in the flat array of gradients. */
  private static final class Part {
    final List<Parameter> parameters;
    final Buffer gradients;
    int firstUse; // the number of an op
    long reached; // parameters, when it was final

    Part(ParameterStore store, List<Parameter> parameters) {
      this.parameters = parameters;
      Parameter last = parameters.get(parameters.size() - 1);
      long first = parameters.get(0).offset();
      long end = last.offset() + ParameterStore.aligned(last.shape().size());
      this.gradients = store.backend().memory().slice(store.gradients(), first, end - first);
    }

    long reachedNow() {
      return parameters.stream().filter(Parameter::hasGradient).count();
    }
  }

  /**
   * @param enoughBytes for a part; the last ones, and what has no weights, may be smaller
   * @param whenFinal is given the gradients of each part, once in each pass
   */
  GradientParts(ParameterStore store, long enoughBytes, Consumer<Buffer> whenFinal) {
    this.backend = store.backend();
    this.whenFinal = whenFinal;
    List<Parameter> all = store.list();
    int weights = (int) all.stream().filter(p -> p.kind() == Kind.WEIGHT).count();
    boolean small = bytes(all) <= enoughBytes;
    int end = small ? all.size() : weights;
    while (end > 0) {
      int from = end - 1;
      while (from > 0 && (small || bytes(all.subList(from, end)) < enoughBytes)) {
        from--;
      }
      add(new Part(store, all.subList(from, end)));
      end = from;
    }
    if (!small && weights < all.size()) {
      add(new Part(store, all.subList(weights, all.size())));
    }
  }

  private static long bytes(List<Parameter> parameters) {
    return parameters.stream()
        .mapToLong(p -> Float.BYTES * ParameterStore.aligned(p.shape().size()))
        .sum();
  }

  private void add(Part part) {
    parts.add(part);
    for (Parameter parameter : part.parameters) {
      partOf.put(parameter, part);
      parameter.followUse(this::used);
    }
  }

  private void used(Parameter parameter) {
    if (forward != null) {
      Part part = partOf.get(parameter);
      part.firstUse = Math.min(part.firstUse, forward.recorded());
    }
  }

  /** To be called before anything is done in the pass. */
  void follow(Pass pass) {
    forward = pass;
    parts.forEach(part -> part.firstUse = Integer.MAX_VALUE);
    pass.followBackward(this::cameBackTo);
  }

  /** To be called before backward, or {@link #finish} where there is none. */
  void begin() {
    forward = null;
    next = 0;
  }

  private void cameBackTo(int opsLeft) {
    while (next < parts.size() && parts.get(next).firstUse >= opsLeft) {
      give(parts.get(next++));
    }
  }

  private void give(Part part) {
    for (Parameter parameter : part.parameters) {
      if (parameter.isTrainable() && !parameter.hasGradient()) { // what is there is long used up
        backend.memory().zero(parameter.gradient());
      }
    }
    part.reached = part.reachedNow();
    whenFinal.accept(part.gradients);
  }

  /**
   * Gives what has not been given yet.
   *
   * @throws IllegalStateException if backward came back to a part that had been given
   */
  void finish() {
    cameBackTo(0);
    for (Part part : parts) {
      if (part.reachedNow() != part.reached) {
        throw new IllegalStateException(
            "An op computes with one of "
                + part.parameters
                + " without asking it for its value() in each pass, so that several devices cannot"
                + " know when its gradient is complete: ask in the op's apply.");
      }
    }
  }

  @Override
  public void close() {
    partOf.keySet().forEach(parameter -> parameter.followUse(null));
  }
}

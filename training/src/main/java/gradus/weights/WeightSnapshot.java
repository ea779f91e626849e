package gradus.weights;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Model;
import gradus.layer.ParameterStore;
import gradus.tensor.DType;

/**
 * A second set of everything a model has learned, running statistics included, on its device.
 * Whoever makes it closes it, before the backend.
 */
public final class WeightSnapshot implements AutoCloseable {
  private final ParameterStore store;
  private final Backend backend;
  private final Buffer values;
  private final Buffer statistics;
  private boolean open = true;

  /** A copy of the model as it is now. */
  public WeightSnapshot(Model model) {
    this(model.parameters());
    capture();
  }

  private WeightSnapshot(ParameterStore store) {
    this.store = store;
    backend = store.backend();
    values = backend.memory().allocate(DType.F32, store.values().bytes());
    statistics = backend.memory().allocate(DType.F32, store.statistics().bytes());
  }

  /** Another one with the same contents. */
  public WeightSnapshot copy() {
    WeightSnapshot copy = new WeightSnapshot(store);
    copy.copyFrom(this);
    return copy;
  }

  /** Takes over the contents of another one of the same model. */
  public void copyFrom(WeightSnapshot other) {
    backend.math().copy(other.values, values);
    backend.math().copy(other.statistics, statistics);
  }

  /** Copies from the model. */
  public void capture() {
    backend.math().copy(store.values(), values);
    backend.math().copy(store.statistics(), statistics);
  }

  /** Copies to the model. */
  public void restore() {
    backend.math().copy(values, store.values());
    backend.math().copy(statistics, store.statistics());
  }

  /** Moves towards the model: {@code this = (1 - share) this + share model}. */
  public void blend(double share) {
    blend((float) share, store.values(), values);
    blend((float) share, store.statistics(), statistics);
  }

  private void blend(float share, Buffer from, Buffer to) {
    backend.math().scale(1 - share, to);
    backend.math().addScaled(share, from, to);
  }

  /** Exchanges the contents with the model's. */
  public void exchange() {
    exchange(values, store.values());
    exchange(statistics, store.statistics());
  }

  private void exchange(Buffer a, Buffer b) {
    Buffer kept = backend.pool().take(DType.F32, a.bytes());
    backend.math().copy(a, kept);
    backend.math().copy(b, a);
    backend.math().copy(kept, b);
    backend.pool().giveBack(kept);
  }

  /** The flat array of weights, laid out like {@link ParameterStore#values}. */
  public Buffer values() {
    return values;
  }

  /** The flat array of running statistics. */
  public Buffer statistics() {
    return statistics;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      backend.memory().free(values);
      backend.memory().free(statistics);
    }
  }
}

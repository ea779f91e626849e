package gradus.train;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Model;
import gradus.optim.Optimizer;
import gradus.tensor.DType;
import gradus.weights.WeightSnapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy, on the device, of all that a step changes: weights, running statistics, and the
 * optimizer's state, steps and learning rate. Whoever makes it closes it.
 */
public final class TrainingSnapshot implements AutoCloseable {
  private final Backend backend;
  private final Optimizer optimizer;
  private final WeightSnapshot weights;
  private final List<Buffer> state = new ArrayList<>();
  private final double learningRate;
  private final long steps;
  private final List<Long> stepsOfParameters;

  /** A copy of both as they are now. */
  public TrainingSnapshot(Model model, Optimizer optimizer) {
    this.backend = model.backend();
    this.optimizer = optimizer;
    this.learningRate = optimizer.learningRate();
    this.steps = optimizer.steps();
    this.stepsOfParameters = optimizer.stepsOfParameters();
    this.weights = new WeightSnapshot(model);
    for (Buffer buffer : optimizer.state()) {
      Buffer copy = backend.memory().allocate(DType.F32, buffer.bytes());
      backend.math().copy(buffer, copy);
      state.add(copy);
    }
  }

  /**
   * Makes model and optimizer what they were, to the bit; may be done again. A velocity that the
   * optimizer has got since, with its momentum, becomes 0.
   */
  public void restore() {
    weights.restore();
    for (int i = 0; i < optimizer.state().size(); i++) {
      if (i < state.size()) {
        backend.math().copy(state.get(i), optimizer.state().get(i));
      } else {
        backend.memory().zero(optimizer.state().get(i));
      }
    }
    optimizer.restoreSteps(steps, stepsOfParameters);
    optimizer.setLearningRate(learningRate);
  }

  @Override
  public void close() {
    weights.close();
    state.forEach(backend.memory()::free);
  }
}

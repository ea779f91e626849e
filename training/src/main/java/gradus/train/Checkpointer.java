package gradus.train;

import gradus.GradusException;
import gradus.layer.Model;
import gradus.metric.Monitor;
import gradus.optim.GradScaler;
import gradus.optim.Optimizer;
import gradus.optim.WeightAverage;
import gradus.schedule.ReduceLROnPlateau;
import gradus.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Brings the whole state of a run into a checkpoint and back.
 *
 * @param scaler null but in float16
 * @param plateau null if the run has none, like the two after it
 */
record Checkpointer(
    Model model,
    Optimizer optimizer,
    String optimizerSettings,
    long seed,
    int accumulation,
    Precision precision,
    GradScaler scaler,
    String data,
    ReduceLROnPlateau plateau,
    EarlyStopping earlyStopping,
    WeightAverage average) {

  CheckpointFile save(
      long passes, int batches, Adjustments adjustments, List<EpochReport> reports) {
    RunState state =
        new RunState(
            RunState.FORMAT,
            reports.size(),
            passes,
            seed,
            batches,
            accumulation,
            precision == Precision.FP32 ? null : precision,
            scaler == null ? null : scaler.state(),
            data,
            optimizerSettings,
            optimizer.steps(),
            optimizer.stepsOfParameters(),
            plateau == null ? null : plateau.state(),
            earlyStopping == null ? null : earlyStopping.state(),
            watched(),
            average == null ? null : average.count(),
            adjustments,
            List.copyOf(reports));
    return new CheckpointFile(state, arrays().read());
  }

  /**
   * The small numbers of a checkpoint of this run.
   *
   * @throws GradusException saying what differs, if it is of another run
   */
  RunState stateOf(Path file, CheckpointFile checkpoint) {
    RunState state = checkpoint.state();
    requireSame(file, "optimizer", state.optimizer(), optimizerSettings);
    requireSame(file, "seed", state.seed(), seed);
    requireSame(file, "number of accumulated batches", state.accumulation(), accumulation);
    Precision then = state.precision() == null ? Precision.FP32 : state.precision();
    requireSame(file, "precision", then, precision);
    requireSame(file, "training set", state.data(), data);
    requireSame(file, "use of ReduceLROnPlateau", state.plateau() != null, plateau != null);
    requireSame(file, "use of EarlyStopping", state.earlyStopping() != null, earlyStopping != null);
    if (state.watched() != null) {
      requireSame(file, "monitor", state.watched(), watched());
    }
    requireSame(file, "use of an average", state.averageUpdates() != null, average != null);
    return state;
  }

  private List<String> watched() {
    return Stream.of(
            plateau == null ? null : plateau.monitor(),
            earlyStopping == null ? null : earlyStopping.monitor())
        .filter(Objects::nonNull)
        .map(Monitor::name)
        .toList();
  }

  /** Restores everything but what the loop itself counts, of a checkpoint of this run. */
  void restore(Path file, CheckpointFile checkpoint) {
    RunState state = checkpoint.state();
    if (earlyStopping != null && state.earlyStopping().bestEpoch() > 0) {
      earlyStopping.keep(model); // makes the arrays that are filled next
    }
    arrays().write(file, checkpoint.arrays());
    if (earlyStopping != null) {
      earlyStopping.restore(state.earlyStopping());
    }
    if (plateau != null) {
      plateau.restore(state.plateau());
    }
    if (average != null) {
      average.restoreCount(state.averageUpdates());
    }
    if (scaler != null && state.scaler() != null) {
      scaler.restore(state.scaler());
    }
    optimizer.restoreSteps(state.optimizerSteps(), state.parameterSteps());
  }

  private RunArrays arrays() {
    return new RunArrays(model, optimizer)
        .add("best", earlyStopping == null ? null : earlyStopping.bestWeights())
        .add("average", average == null ? null : average.snapshot());
  }

  private static void requireSame(Path file, String what, Object then, Object now) {
    if (!then.equals(now)) {
      throw new GradusException(
          file
              + " is a checkpoint of another run: its "
              + what
              + " is "
              + then
              + ", now it is "
              + now
              + ". Use the settings of then, or another folder.");
    }
  }
}

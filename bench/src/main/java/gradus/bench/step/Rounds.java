package gradus.bench.step;

import gradus.GradusException;
import gradus.bench.load.QuietGate;
import gradus.bench.record.Machine;
import gradus.bench.record.StepMeasurement;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures every peer in every round, task by task and in another order each round, so that a
 * change of the machine meets all alike.
 */
public final class Rounds {
  private static final double LOSS_TOLERANCE = 1e-3;

  /** Logits that were rounded to eight bits, of the order of 1, averaged over the batch. */
  private static final double BF16_LOSS_TOLERANCE = 1e-2;

  private final PeerProcess process;
  private final QuietGate gate;
  private final Machine machine;
  private final Map<String, Long> parameters = new HashMap<>();
  private final Map<String, Double> firstLosses = new HashMap<>();
  private final Map<Task, Double> work = new HashMap<>();

  /** Will start processes by {@code process} when {@code gate} lets them. */
  public Rounds(PeerProcess process, QuietGate gate, Machine machine) {
    this.process = process;
    this.gate = gate;
    this.machine = machine;
  }

  /**
   * Hands each measurement to {@code results} as soon as it is there. Peers that do not know the
   * number format of a task are left out of it.
   *
   * @param isa best, or avx2 to hold all to
   * @throws GradusException if two peers do not train the same network from the same weights
   */
  public void run(
      int rounds,
      List<Task> tasks,
      List<Peer> peers,
      String isa,
      Consumer<StepMeasurement> results) {
    for (int round = 1; round <= rounds; round++) {
      List<Peer> order = new ArrayList<>(peers);
      Collections.rotate(order, -(round - 1));
      for (Task task : tasks) {
        for (Peer peer : order) {
          if (peer.trainsIn(task.precision())) {
            results.accept(measure(peer, task, isa, round));
          }
        }
      }
    }
  }

  private StepMeasurement measure(Peer peer, Task task, String isa, int round) {
    QuietGate.Measured<StepTimes> measured = gate.measure(() -> process.run(peer, task, isa));
    StepTimes times = measured.value();
    checkAlike(peer, task, times);
    return new StepMeasurement(
        machine.origin(),
        measured.disturbance(),
        peer.toString(),
        times.version(),
        task.workload().toString(),
        task.mode().toString(),
        task.batch(),
        task.threads(),
        task.precision().toString(),
        isa,
        round,
        times.medianMillis(),
        times.tenthMillis(),
        times.ninetiethMillis(),
        times.steps(),
        times.parameters(),
        work.computeIfAbsent(task, StepWork::gigaflops),
        times.losses());
  }

  /**
   * Same parameters, same weights, same images: then the first loss is the same too, or nearly so
   * where each rounds to bfloat16 in its own places.
   */
  private void checkAlike(Peer peer, Task task, StepTimes times) {
    long count = parameters.computeIfAbsent(task.workload().toString(), key -> times.parameters());
    if (times.parameters() != count) {
      throw new GradusException(
          "%s trains %,d parameters in %s, but another peer %,d: these are not the same network."
              .formatted(peer, times.parameters(), task.workload(), count));
    }
    if (!times.losses().isEmpty()) {
      double loss = times.losses().get(0);
      double other =
          firstLosses.computeIfAbsent(
              task.workload() + " " + task.batch() + " " + task.precision(), key -> loss);
      double tolerance = task.precision() == Precision.FP32 ? LOSS_TOLERANCE : BF16_LOSS_TOLERANCE;
      if (!(Math.abs(loss - other) < tolerance)) {
        throw new GradusException(
            "%s begins %s with a loss of %.5f, but another peer with %.5f: they do not compute the same."
                .formatted(peer, task.workload(), loss, other));
      }
    }
  }
}

package gradus.dashboard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import java.util.function.LongSupplier;

/**
 * What a page is told about a run: {@code {"done", "epochs", "epoch", "step", "steps", "loss",
 * "accuracy", "images_per_second", "ended"}}; means are over the epoch so far.
 */
final class Progress {
  private static final long INTERVAL_NANOS = 500_000_000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LongSupplier nanos;
  private int epochs;
  private int done;
  private boolean ended;
  private StepReport last;
  private double loss;
  private long correct;
  private long examples;
  private long epochBegan;
  private long lastTold;

  Progress() {
    this(System::nanoTime);
  }

  /** With a clock of its own, for tests. */
  Progress(LongSupplier nanos) {
    this.nanos = nanos;
  }

  void start(int epochs) {
    this.epochs = epochs;
    lastTold = nanos.getAsLong();
  }

  void resume(int epochsDone) {
    done = epochsDone;
  }

  /** What to tell after this step; null when that was done a moment ago. */
  String step(StepReport step) {
    long now = nanos.getAsLong();
    if (step.step() == 1) {
      loss = 0;
      correct = 0;
      examples = 0;
      epochBegan = now; // the first step's own time is not counted: it also compiles and allocates
    } else {
      loss += (double) step.loss() * step.examples();
      correct += step.correct();
      examples += step.examples();
    }
    last = step;
    if (now - lastTold < INTERVAL_NANOS) {
      return null;
    }
    lastTold = now;
    return state(now);
  }

  String epoch(EpochReport epoch) {
    done = epoch.epoch();
    return state(nanos.getAsLong());
  }

  String end() {
    ended = true;
    return state(nanos.getAsLong());
  }

  private String state(long now) {
    ObjectNode state = JSON.createObjectNode().put("done", done).put("epochs", epochs);
    if (last != null) {
      state.put("epoch", last.epoch()).put("step", last.step()).put("steps", last.steps());
    }
    if (examples > 0) {
      state.put("loss", loss / examples).put("accuracy", (double) correct / examples);
      state.put("images_per_second", examples * 1e9 / Math.max(1, now - epochBegan));
    }
    return state.put("ended", ended).toString();
  }
}

package gradus.tensorboard;

import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import gradus.train.TrainingReport;
import java.util.List;

/**
 * Writes a training run to an {@link EventFile}. The horizontal axis counts training steps since
 * the beginning of the run, those before a resumption included.
 *
 * <p>After each epoch: {@code loss/train}, {@code loss/validation}, {@code accuracy/train}, {@code
 * accuracy/validation}, such as {@code macro_f1/validation} for each metric that is measured,
 * {@code learning_rate/epoch}, {@code images_per_second/epoch} and {@code epoch}. After every
 * {@link #every} steps and at the end of an epoch, over the steps since the last time: {@code
 * loss/step}, {@code accuracy/step}, {@code learning_rate/step}, {@code images_per_second/step}.
 * What the loop does of its own accord is a text, {@code notices}.
 */
public final class TensorBoardWriter implements TrainingListener {
  private final EventFile events;
  private int every = 10;
  private Model model;
  private boolean resumed;
  private long step;
  private final Window window = new Window();

  /** Writes to {@code events}, which whoever opened it closes after the run. */
  public TensorBoardWriter(EventFile events) {
    this.events = events;
  }

  /** After how many steps a point is written, from 1; by default 10. */
  public TensorBoardWriter every(int steps) {
    if (steps < 1) {
      throw new GradusException(
          "TensorBoardWriter writes every " + steps + " steps, but at least 1 must pass.");
    }
    every = steps;
    return this;
  }

  /** Writes a histogram of every parameter of a model after each epoch; by default none. */
  public TensorBoardWriter histograms(Model of) {
    model = of;
    return this;
  }

  @Override
  public void onStart(int epochs) {
    resumed = false;
    step = 0;
    window.clear();
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    resumed = true;
  }

  @Override
  public void onStep(StepReport report) {
    step = (report.epoch() - 1L) * report.steps() + report.step();
    if (resumed) {
      events.restart(step);
      resumed = false;
    }
    window.add(report, System.nanoTime());
    boolean epochEnds = report.step() == report.steps();
    if (window.steps == every || epochEnds) {
      events.scalar("loss/step", step, window.loss / window.examples);
      events.scalar("accuracy/step", step, (double) window.correct / window.examples);
      events.scalar("learning_rate/step", step, report.learningRate());
      if (window.timedExamples > 0) {
        events.scalar("images_per_second/step", step, window.imagesPerSecond());
      }
      window.next();
    }
    if (epochEnds) {
      window.clear(); // what comes now, the validation, is no training time
    }
  }

  @Override
  public void onEpoch(EpochReport report) {
    events.scalar("loss/train", step, report.trainLoss());
    events.scalar("accuracy/train", step, report.trainAccuracy());
    if (!Double.isNaN(report.validationAccuracy())) {
      events.scalar("loss/validation", step, report.validationLoss());
      events.scalar("accuracy/validation", step, report.validationAccuracy());
    }
    report.metrics().forEach((name, value) -> events.scalar(name + "/validation", step, value));
    events.scalar("learning_rate/epoch", step, report.learningRate());
    events.scalar("images_per_second/epoch", step, report.imagesPerSecond());
    events.scalar("epoch", step, report.epoch());
    if (model != null) {
      for (Parameter parameter : model.state()) {
        events.histogram("parameters/" + parameter.name(), step, parameter.read());
      }
    }
    events.flush();
  }

  @Override
  public void onNotice(int epoch, String sentence) {
    events.text("notices", step, "Epoch " + epoch + ": " + sentence);
  }

  /** Writes what the training doctor has found, as a text, {@code diagnosis}. */
  public void onFinding(Finding finding) {
    StringBuilder text = new StringBuilder("**" + finding.sentence() + "**\n");
    finding.evidence().forEach(fact -> text.append("\n- ").append(fact.sentence()));
    Remedy remedy = finding.remedy();
    if (remedy != null) {
      text.append("\n\n").append(remedy.sentence());
      if (remedy.option() != null) {
        text.append("\n\n`").append(remedy.option()).append('`');
      }
      if (remedy.java() != null) {
        text.append("\n\n`").append(remedy.java()).append('`');
      }
    }
    events.text("diagnosis", step, text.toString());
    events.flush();
  }

  @Override
  public void onEnd(TrainingReport report) {
    events.text("notices", step, "The run ended: " + report.reason().sentence());
    events.flush();
  }

  /** The steps since the last point. */
  private static final class Window {
    private static final long UNKNOWN = Long.MIN_VALUE;

    private int steps;
    private long examples;
    private long correct;
    private double loss; // summed over the examples
    private long timedExamples; // those of steps whose begin is known
    private long begin = UNKNOWN;
    private long end = UNKNOWN;

    void add(StepReport report, long now) {
      steps++;
      examples += report.examples();
      correct += report.correct();
      loss += (double) report.loss() * report.examples();
      if (begin == UNKNOWN) { // the first of an epoch: only its end is seen
        begin = now;
      } else {
        timedExamples += report.examples();
      }
      end = now;
    }

    double imagesPerSecond() {
      return timedExamples * 1e9 / Math.max(1, end - begin);
    }

    void next() {
      long lastEnd = end;
      clear();
      begin = lastEnd;
    }

    void clear() {
      steps = 0;
      examples = 0;
      correct = 0;
      loss = 0;
      timedExamples = 0;
      begin = UNKNOWN;
      end = UNKNOWN;
    }
  }
}

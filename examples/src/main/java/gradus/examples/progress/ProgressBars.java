package gradus.examples.progress;

import gradus.doctor.Finding;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.TrainingReport;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows each epoch of a run as a bar on the terminal that fills and stays. */
public final class ProgressBars implements ProgressView {
  private static final int INTERVAL_MILLIS = 100;

  private final List<String> arguments;
  private RunningEpoch running;
  private ProgressBar bar;
  private long lastMessage;

  /** Of a run that no command line started. */
  public ProgressBars() {
    this(List.of());
  }

  /** Of a run that the command line with these arguments started. */
  public ProgressBars(List<String> arguments) {
    this.arguments = List.copyOf(arguments);
  }

  @Override
  public void onStart(int epochs) {
    running = new RunningEpoch(epochs);
  }

  @Override
  public void onStep(StepReport step) {
    running.add(step);
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("epoch " + step.epoch() + "/" + running.epochs())
              .setInitialMax(step.steps())
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(INTERVAL_MILLIS)
              .hideEta()
              .build();
    }
    bar.stepTo(step.step());
    long now = System.nanoTime();
    if (now - lastMessage >= INTERVAL_MILLIS * 1_000_000L || step.step() == step.steps()) {
      lastMessage = now;
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.3f acc %.1f%% %,.0f img/s, %s left",
              running.loss(),
              100 * running.accuracy(),
              running.imagesPerSecond(),
              Format.clock(running.left())));
    }
  }

  @Override
  public void onEpoch(EpochReport epoch) {
    running.endEpoch();
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.3f acc %.1f%% %,.0f img/s, val. acc %.1f%%%s",
            epoch.trainLoss(),
            100 * epoch.trainAccuracy(),
            epoch.imagesPerSecond(),
            100 * epoch.validationAccuracy(),
            Format.metrics(", %s %.3f", epoch)));
    close();
  }

  @Override
  public void onNotice(int epoch, String sentence) {
    close(); // a line of its own must not land in the bar
    System.err.println("epoch " + epoch + ": " + sentence);
  }

  @Override
  public void onFinding(Finding finding) {
    close();
    System.err.print(FindingText.of(finding, arguments));
  }

  @Override
  public void onEnd(TrainingReport report) {
    close();
  }

  private void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}

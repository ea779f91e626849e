package gradus.examples.progress;

import gradus.doctor.Finding;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Shows a run as plain lines, for logs: one for each epoch, and one every few seconds between. */
public final class ProgressLines implements ProgressView {
  private static final long INTERVAL_NANOS = 5_000_000_000L;

  private final PrintWriter out;
  private final List<String> arguments;
  private RunningEpoch running;
  private long lastLine;

  /** Will print to the standard output. */
  public ProgressLines() {
    this(new PrintWriter(System.out, true, StandardCharsets.UTF_8), List.of());
  }

  /**
   * Will print to {@code out}.
   *
   * @param arguments of the command line that started the run; empty if there is none
   */
  public ProgressLines(PrintWriter out, List<String> arguments) {
    this.out = out;
    this.arguments = List.copyOf(arguments);
  }

  @Override
  public void onStart(int epochs) {
    running = new RunningEpoch(epochs);
    lastLine = System.nanoTime();
  }

  @Override
  public void onStep(StepReport step) {
    running.add(step);
    long now = System.nanoTime();
    if (now - lastLine >= INTERVAL_NANOS) {
      lastLine = now;
      line(
          "epoch %d/%d  step %d/%d  loss %.4f  accuracy %.2f %%  %,.0f images/s  %s left",
          step.epoch(),
          running.epochs(),
          step.step(),
          step.steps(),
          running.loss(),
          100 * running.accuracy(),
          running.imagesPerSecond(),
          Format.clock(running.left()));
    }
  }

  @Override
  public void onEpoch(EpochReport epoch) {
    running.endEpoch();
    line(
        "epoch %d/%d  loss %.4f  accuracy %.2f %%  validation loss %.4f  validation accuracy %.2f %%"
            + "%s  %,.0f images/s",
        epoch.epoch(),
        running.epochs(),
        epoch.trainLoss(),
        100 * epoch.trainAccuracy(),
        epoch.validationLoss(),
        100 * epoch.validationAccuracy(),
        Format.metrics("  validation %s %.4f", epoch),
        epoch.imagesPerSecond());
  }

  @Override
  public void onNotice(int epoch, String sentence) {
    line("epoch %d: %s", epoch, sentence);
  }

  @Override
  public void onFinding(Finding finding) {
    out.print(FindingText.of(finding, arguments));
    out.flush();
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}

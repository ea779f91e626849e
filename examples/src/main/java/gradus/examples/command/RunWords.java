package gradus.examples.command;

import gradus.GradusException;
import gradus.data.DataSplits;
import gradus.doctor.Finding;
import gradus.examples.net.Network;
import gradus.examples.progress.EpochTable;
import gradus.examples.progress.FindingText;
import gradus.layer.Model;
import gradus.train.BestWeights;
import gradus.train.Evaluation;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * What {@code train} tells a person before a run, and when it has ended.
 *
 * @param arguments of the command line that started it
 */
record RunWords(PrintWriter print, RunFolder run, List<String> arguments) {
  /** Says what is about to be trained. */
  void heading(Network network, DataKind kind, DataSplits data, Model model) {
    line(
        "%s, %,d parameters, on %s: %,d images to train, %,d to validate, %,d to test; %d classes",
        network,
        model.parameters().count(),
        kind,
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        data.train().classNames().size());
    line("%s", model.backend().describe());
    line("Results go to %s", run.path());
  }

  /** Says what a run is gone on with that was otherwise before. */
  void changes(List<RunComparison.Row> settings) {
    if (!settings.isEmpty()) {
      line("Goes on with other settings: %s.", ResumableSettings.words(settings));
    }
  }

  /** Shows the epochs, what float16 came to, and what the doctor says of them. */
  void epochs(TrainingReport report, Finding cause) {
    line("%n%s", EpochTable.of(report.epochs()));
    if (report.lossScaling() != null) {
      report.lossScaling().remark(report.reason()).ifPresent(remark -> line("%s", remark));
    }
    if (cause != null) {
      print.print(FindingText.reminder(cause, arguments));
      print.flush();
    }
  }

  /** Says where the best epoch's weights are, if the run has not ended with them. */
  void best(BestWeights best) {
    if (!best.areOfModel()) {
      best.kept()
          .ifPresent(
              kept ->
                  line(
                      "Epoch %d did best on the validation images: its weights are in %s.",
                      kept.epoch(), kept.file()));
    }
  }

  /**
   * Of a run that went nowhere.
   *
   * @param cause what the doctor says of it, which is worth more than what such runs mostly have,
   *     or null
   */
  GradusException failure(TrainingReport report, Finding cause) {
    return new GradusException(
        "Stopped in epoch "
            + (report.epochs().size() + 1)
            + ": "
            + (cause == null
                ? report.reason().sentence()
                : report.reason().event() + "; the cause is " + cause.diagnosis().label())
            + ". What there is lies in "
            + run.path()
            + "; open "
            + run.page()
            + " to look at it.");
  }

  /**
   * Says how it went.
   *
   * @param views what the test was judged on, as the end of a sentence
   * @param resumption how to go on with a run that was stopped
   */
  void ending(
      TrainingReport report, Evaluation test, String views, boolean timeIsUp, String resumption) {
    if (report.reason() == StopReason.EARLY_STOPPING) {
      line("Stopped early: %s.", report.reason().sentence());
    }
    if (report.bestEpoch() > 0) {
      line("The weights are those of epoch %d, the best.", report.bestEpoch());
    }
    if (timeIsUp) {
      line("Stopped after %,d steps, when the time was up.", report.steps());
    }
    if (test.examples() == 0) {
      line(
          "Stopped on request after %,d steps. The model is saved, but not tested. %s",
          report.steps(), resumption);
    } else {
      line(
          "Test accuracy %.2f %%, loss %.4f, on %,d images%s",
          100 * test.accuracy(), test.loss(), test.examples(), views);
      line(
          "Trained %,d steps in %.1f s, %,.0f images/s",
          report.steps(), report.seconds(), report.imagesPerSecond());
    }
    line("Report: %s", run.page());
    line("Saved in %s. Try: ./gradus predict %s IMAGE", run.path(), run.path());
  }

  private void line(String format, Object... values) {
    print.println(String.format(Locale.ROOT, format, values));
    print.flush();
  }
}

package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.doctor.Finding;
import gradus.examples.progress.ProgressBars;
import gradus.examples.progress.ProgressLines;
import gradus.examples.progress.ProgressView;
import gradus.examples.progress.Terminal;
import gradus.report.JsonNumber;
import gradus.report.MetricsJsonl;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that say how much a run prints, and for whom. */
final class ProgressChoice {
  @Option(names = "--quiet", description = "Print the result alone.")
  private boolean quiet;

  @Option(
      names = "--json",
      description =
          "Print for programs: a line of JSON for each epoch and each finding of the doctor, as in"
              + " metrics.jsonl, and one for the result.")
  private boolean json;

  void check() {
    UsageException.unless(!quiet || !json, "--quiet and --json exclude each other.");
  }

  /** Where to print what is meant for people. */
  PrintWriter text(PrintWriter out) {
    return quiet || json ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /**
   * What shows how a run goes.
   *
   * @param arguments of the command line that started it
   */
  ProgressView view(PrintWriter out, List<String> arguments) {
    if (json) {
      return new ProgressView() {
        @Override
        public void onEpoch(EpochReport epoch) {
          out.println(MetricsJsonl.json(epoch));
          out.flush();
        }

        @Override
        public void onFinding(Finding finding) {
          out.println(MetricsJsonl.json(finding));
          out.flush();
        }
      };
    }
    if (quiet) {
      return new ProgressView() {};
    }
    return Terminal.isInteractive()
        ? new ProgressBars(arguments)
        : new ProgressLines(out, arguments);
  }

  /**
   * Prints the result where the text does not.
   *
   * @param cause what is wrong with the run, or null
   */
  void result(PrintWriter out, RunFolder run, Evaluation test, Finding cause) {
    boolean tested = test.examples() > 0;
    if (json) {
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("run", run.path().toString());
      JsonNumber.put(result, "test_accuracy", tested ? test.accuracy() : Double.NaN);
      JsonNumber.put(result, "test_loss", tested ? test.loss() : Double.NaN);
      result.put("diagnosis", cause == null ? null : cause.diagnosis().name());
      out.println(result);
    } else if (quiet && tested) {
      out.println(String.format(Locale.ROOT, "Test accuracy %.2f %%", 100 * test.accuracy()));
    }
    out.flush();
  }
}

package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.examples.progress.ProgressBars;
import gradus.examples.progress.ProgressLines;
import gradus.examples.progress.Terminal;
import gradus.report.JsonNumber;
import gradus.report.MetricsJsonl;
import gradus.train.EpochReport;
import gradus.train.Evaluation;
import gradus.train.TrainingListener;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that say how much a run prints, and for whom. */
final class ProgressChoice {
  @Option(names = "--quiet", description = "Print the result alone.")
  private boolean quiet;

  @Option(
      names = "--json",
      description =
          "Print for programs: a line of JSON for each epoch, as in metrics.jsonl, and one for the"
              + " result.")
  private boolean json;

  void check() {
    UsageException.unless(!quiet || !json, "--quiet and --json exclude each other.");
  }

  /** Where to print what is meant for people. */
  PrintWriter text(PrintWriter out) {
    return quiet || json ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /** What shows how a run goes. */
  TrainingListener listener(PrintWriter out) {
    if (json) {
      return new TrainingListener() {
        @Override
        public void onEpoch(EpochReport epoch) {
          out.println(MetricsJsonl.json(epoch));
          out.flush();
        }
      };
    }
    if (quiet) {
      return new TrainingListener() {};
    }
    return Terminal.isInteractive() ? new ProgressBars() : new ProgressLines(out);
  }

  /** Prints the result where the text does not. */
  void result(PrintWriter out, RunFolder run, Evaluation test) {
    boolean tested = test.examples() > 0;
    if (json) {
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("run", run.path().toString());
      JsonNumber.put(result, "test_accuracy", tested ? test.accuracy() : Double.NaN);
      JsonNumber.put(result, "test_loss", tested ? test.loss() : Double.NaN);
      out.println(result);
    } else if (quiet && tested) {
      out.println(String.format(Locale.ROOT, "Test accuracy %.2f %%", 100 * test.accuracy()));
    }
    out.flush();
  }
}

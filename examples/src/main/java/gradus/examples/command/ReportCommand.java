package gradus.examples.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the page about a run again, from the files it left. */
@Command(
    name = "report",
    sortOptions = false,
    description = {
      "Writes report.html again from the files of a run: curves, confusion matrix, mistakes, ..",
      "Works for a run that is still going on, or was killed, with what there is."
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of a run.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the page goes. Default: RUN/report.html")
  private Path out;

  @Override
  public Integer call() {
    RunFolder run = RunFolder.existing(folder);
    Path page = out == null ? run.page() : out;
    run.report().write(page);
    spec.commandLine().getOut().println("Report: " + page);
    return 0;
  }
}

package gradus.examples.command;

import gradus.examples.progress.TextTable;
import gradus.report.RecordedRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what differs between runs, and what came of it. */
@Command(
    name = "compare",
    sortOptions = false,
    description = {
      "Compares runs: first the settings that differ, and only those, then what each came to."
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "2..*", paramLabel = "RUN", description = "Folders of two runs or more.")
  private List<Path> folders;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with the curves of all runs in one picture each.")
  private Path html;

  private PrintWriter out;

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    RunComparison comparison = new RunComparison(folders.stream().map(RecordedRun::read).toList());
    if (comparison.chosen().isEmpty()) {
      out.println("The settings are the same.");
      out.println();
    }
    print(comparison, "Settings that differ", comparison.chosen());
    print(comparison, "Defaults that follow from them", comparison.following());
    print(comparison, "Data, program and machine that differ", comparison.surroundings());
    print(comparison, "What came of it", comparison.outcomes());
    if (html != null) {
      ComparisonPage.write(comparison, html);
      out.println("Curves: " + html);
    }
    out.flush();
    return 0;
  }

  private void print(RunComparison comparison, String title, List<RunComparison.Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<String> headings = new ArrayList<>(List.of(title));
    headings.addAll(comparison.names());
    TextTable table = new TextTable(headings);
    for (RunComparison.Row row : rows) {
      List<String> cells = new ArrayList<>(List.of("  " + row.name()));
      cells.addAll(row.values());
      table.row(cells);
    }
    out.println(table);
  }
}

package gradus.examples.command;

import gradus.GradusException;
import gradus.examples.progress.TextTable;
import gradus.report.RecordedRun;
import gradus.train.EpochReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the runs there are. */
@Command(
    name = "runs",
    sortOptions = false,
    description = {
      "Lists the runs in a folder, newest first, with what came of each. The folder of a search is",
      "named with --dir, too: its trials are runs."
    })
final class RunsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Where the folders of runs are. Default: ${DEFAULT-VALUE}")
  private Path folder;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<RecordedRun> runs = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    for (Path child : children()) {
      try {
        runs.add(RecordedRun.read(child));
      } catch (GradusException e) {
        broken.add(e.getMessage());
      }
    }
    runs.sort(Comparator.comparing(RecordedRun::started).reversed());
    TextTable table =
        new TextTable(
            List.of(
                "run",
                "started",
                "status",
                "model",
                "data",
                "epochs",
                "best val.",
                "test acc.",
                "time"));
    runs.forEach(run -> table.row(row(run)));
    out.print(table.isEmpty() ? "There is no run in " + folder + System.lineSeparator() : table);
    broken.forEach(message -> out.println("not listed: " + message));
    out.flush();
    return 0;
  }

  private List<Path> children() {
    if (!Files.isDirectory(folder)) {
      throw new GradusException(
          "--dir "
              + folder
              + ": there is no such folder. ./gradus train makes runs; start where it was started,"
              + " or name the folder they are in.");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new GradusException("--dir " + folder + " cannot be listed (" + e + ").", e);
    }
  }

  private static List<String> row(RecordedRun run) {
    return List.of(
        run.name(),
        TIME.format(run.started().atZone(ZoneId.systemDefault())),
        run.status().toString(),
        run.setting("model"),
        run.setting("data"),
        run.epochs().size() + "/" + run.setting("epochs"),
        RunNumbers.percent(run.best().map(EpochReport::validationAccuracy).orElse(Double.NaN)),
        RunNumbers.percent(run.testAccuracy()),
        RunNumbers.duration(run.seconds()));
  }
}

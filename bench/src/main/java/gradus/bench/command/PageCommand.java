package gradus.bench.command;

import gradus.GradusException;
import gradus.bench.page.PerformancePage;
import gradus.bench.record.Measurement;
import gradus.bench.record.MeasurementFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes docs/performance.md. */
@Command(name = "page", description = "Writes a page and its plots from files of measurements.")
public final class PageCommand implements Runnable {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "What --out wrote.")
  private List<Path> files;

  @Option(
      names = "--page",
      paramLabel = "FILE.md",
      required = true,
      description = "The page; its plots go beside it.")
  private Path page;

  @Override
  public void run() {
    List<Measurement> measurements = new ArrayList<>();
    files.forEach(file -> measurements.addAll(new MeasurementFile(file).read()));
    Map<String, String> written =
        new PerformancePage(measurements).files(page.getFileName().toString());
    written.forEach((name, text) -> write(page.resolveSibling(name), text));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new GradusException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}

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
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes docs/performance.md. */
@Command(
    name = "page",
    description = "Writes the page about performance and its plots from files of measurements.")
public final class PageCommand implements Runnable {
  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "What --out wrote. Default: bench/results/*.jsonl, by name.")
  private List<Path> files = List.of();

  @Option(
      names = "--page",
      paramLabel = "FILE.md",
      description = "The page; its plots go beside it. Default: docs/performance.md")
  private Path page;

  @Override
  public void run() {
    Path target = page == null ? Home.path().resolve("../docs/performance.md").normalize() : page;
    List<Path> sources = files.isEmpty() ? published(Home.path()) : files;
    content(sources, target.getFileName().toString())
        .forEach((name, text) -> write(target.resolveSibling(name), text));
  }

  /** The files that the page in docs is made of. */
  static List<Path> published(Path home) {
    Path folder = home.resolve("results");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    } catch (IOException e) {
      throw new GradusException("Cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Names and contents of the page and its plots. */
  static Map<String, String> content(List<Path> files, String pageName) {
    List<Measurement> measurements = new ArrayList<>();
    files.forEach(file -> measurements.addAll(new MeasurementFile(file).read()));
    return new PerformancePage(measurements).files(pageName);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new GradusException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}

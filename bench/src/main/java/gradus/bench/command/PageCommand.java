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
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes docs/performance.md, and docs/performance-NAME.md for each folder NAME of results. */
@Command(
    name = "page",
    description = "Writes the page about performance and its plots from files of measurements.")
public final class PageCommand implements Runnable {
  private static final String PAGE = "performance";

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "What --out wrote. Default: bench/results/*.jsonl, by name; and those of each folder in"
              + " there, of another machine, for a page of its own.")
  private List<Path> files = List.of();

  @Option(
      names = "--page",
      paramLabel = "FILE.md",
      description = "The page; its plots go beside it. Default: docs/performance.md")
  private Path page;

  @Override
  public void run() {
    Path docs = Home.path().resolve("../docs").normalize();
    if (files.isEmpty() && page == null) {
      published(Home.path()).forEach((name, sources) -> write(docs.resolve(name), sources));
    } else {
      Path target = page == null ? docs.resolve(PAGE + ".md") : page;
      write(target, files.isEmpty() ? files(Home.path().resolve("results")) : files);
    }
  }

  /** The pages in docs and the files that each is made of. */
  static Map<String, List<Path>> published(Path home) {
    Path results = home.resolve("results");
    Map<String, List<Path>> pages = new TreeMap<>();
    pages.put(PAGE + ".md", files(results));
    for (Path folder : list(results)) {
      if (Files.isDirectory(folder)) {
        pages.put(PAGE + "-" + folder.getFileName() + ".md", files(folder));
      }
    }
    pages.values().removeIf(List::isEmpty);
    return pages;
  }

  private static List<Path> files(Path folder) {
    return list(folder).stream().filter(file -> file.toString().endsWith(".jsonl")).toList();
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.sorted().toList();
    } catch (IOException e) {
      throw new GradusException("Cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void write(Path page, List<Path> sources) {
    content(sources, page.getFileName().toString())
        .forEach((name, text) -> write(page.resolveSibling(name), text));
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

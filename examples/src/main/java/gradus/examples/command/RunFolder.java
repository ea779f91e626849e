package gradus.examples.command;

import gradus.GradusException;
import gradus.report.RecordedRun;
import gradus.report.RunReport;
import gradus.report.VitalsSeries;
import gradus.tensorboard.EventFile;
import gradus.train.Checkpoints;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;

/** The folder a run leaves its results in, under fixed names. */
final class RunFolder {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path folder;
  private final boolean created;

  private RunFolder(Path folder, boolean created) {
    this.folder = folder;
    this.created = created;
  }

  /** The folder for a run nobody chose a name for. */
  static Path standard(String name) {
    String stamped = name + "-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault()));
    Path path = Path.of("runs", stamped);
    for (int i = 2; Files.exists(path); i++) {
      path = Path.of("runs", stamped + "-" + i);
    }
    return path;
  }

  /**
   * Makes the folder, or takes an existing one without a run in it.
   *
   * @throws GradusException if it holds a run and may not be overwritten, or cannot be written to
   */
  static RunFolder prepare(Path folder, boolean mayHoldRun) {
    RunFolder run = new RunFolder(folder, !Files.exists(folder));
    for (Path file : run.files()) {
      if (Files.exists(file) && !mayHoldRun) {
        throw new GradusException(
            "--out "
                + folder
                + " already holds a run ("
                + file.getFileName()
                + "). Choose another folder, or add --resume to go on with it, or --overwrite to"
                + " replace it.");
      }
    }
    requireNoFileInTheWay(folder);
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "probe", ".tmp"));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write to --out "
              + folder.toAbsolutePath()
              + " ("
              + e
              + "). Choose a folder you may write to.",
          e);
    }
    return run;
  }

  /**
   * The folder of a run there is.
   *
   * @throws GradusException if there is no such folder
   */
  static RunFolder existing(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new GradusException(
          folder + " is no folder. Name the folder that a run left its results in.");
    }
    return new RunFolder(folder, false);
  }

  private static void requireNoFileInTheWay(Path folder) {
    for (Path part = folder; part != null; part = part.getParent()) {
      if (Files.exists(part) && !Files.isDirectory(part)) {
        throw new GradusException(
            "--out "
                + folder
                + " cannot be a folder, because "
                + part
                + " is a file. Choose another folder.");
      }
    }
  }

  /** Removes what an overwritten run left, so that files of two runs never lie together. */
  void clear() {
    clearJudgement();
    try {
      for (Path file : files()) {
        Files.deleteIfExists(file);
      }
      try (DirectoryStream<Path> events =
          Files.newDirectoryStream(folder, EventFile.PREFIX + "*")) {
        for (Path file : events) {
          Files.deleteIfExists(file);
        }
      }
      if (Files.isDirectory(source())) {
        try (DirectoryStream<Path> kept = Files.newDirectoryStream(source(), "*.java")) {
          for (Path file : kept) {
            Files.deleteIfExists(file);
          }
        }
      }
      if (Files.isDirectory(checkpoints())) {
        Checkpoints.in(checkpoints()).deleteAll();
      }
    } catch (IOException e) {
      throw new GradusException("Cannot remove the old run in " + folder + ": " + e, e);
    }
  }

  /** Removes what is said of weights that are about to change. */
  void clearJudgement() {
    try {
      Files.deleteIfExists(test());
      Files.deleteIfExists(page());
    } catch (IOException e) {
      throw new GradusException("Cannot remove the old report in " + folder + ": " + e, e);
    }
  }

  /** Takes the folder away again if it was made for this run and nothing came of it. */
  void removeIfUnused() {
    if (created) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException somethingCameOfIt) {
        return;
      } catch (IOException e) {
        throw new GradusException("Cannot remove the empty folder " + folder + ": " + e, e);
      }
    }
  }

  Path path() {
    return folder;
  }

  Path weights() {
    return folder.resolve(SavedModel.FILE);
  }

  Path bestWeights() {
    return folder.resolve(SavedModel.BEST_FILE);
  }

  Path metrics() {
    return folder.resolve(RecordedRun.METRICS);
  }

  Path metricLines() {
    return folder.resolve(RecordedRun.METRIC_LINES);
  }

  Path record() {
    return folder.resolve(RecordedRun.RECORD);
  }

  Path vitals() {
    return folder.resolve(VitalsSeries.FILE);
  }

  Path test() {
    return folder.resolve("test.json");
  }

  Path pictures() {
    return folder.resolve("pictures.json");
  }

  Path page() {
    return folder.resolve("report.html");
  }

  /** The report of what lies here. */
  RunReport report() {
    Path name = folder.toAbsolutePath().normalize().getFileName(); // a root has none
    return new RunReport(
        name == null ? "/" : name.toString(), record(), metricLines(), test(), pictures());
  }

  /** Where the Java file of a network of one's own is kept. */
  Path source() {
    return folder.resolve("network");
  }

  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  private List<Path> files() {
    return Stream.concat(Stream.of(weights(), bestWeights()), told().stream()).toList();
  }

  /** What says how the run went. */
  List<Path> told() {
    return List.of(metrics(), metricLines(), record(), vitals(), test(), pictures(), page());
  }
}

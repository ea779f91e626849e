package gradus.examples.command;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the files of a run say before it is gone on with. Where that is refused, such as for another
 * seed, they shall say it still.
 */
final class EarlierRun implements TrainingListener {
  private final Map<Path, byte[]> contents = new LinkedHashMap<>(); // null of what there was not
  private boolean goesOn;

  private EarlierRun() {}

  /** There is none: nothing is ever put back. */
  static EarlierRun none() {
    EarlierRun none = new EarlierRun();
    none.goesOn = true;
    return none;
  }

  /** Keeps the contents of these files. */
  static EarlierRun of(List<Path> files) {
    EarlierRun run = new EarlierRun();
    for (Path file : files) {
      try {
        run.contents.put(file, Files.exists(file) ? Files.readAllBytes(file) : null);
      } catch (IOException e) {
        throw new GradusException("Cannot read " + file + " (" + e + ").", e);
      }
    }
    return run;
  }

  @Override
  public void onStep(StepReport report) {
    goesOn = true;
  }

  /** Puts back what there was, unless the run has gone on since; returns whether it did. */
  boolean putBack() throws IOException {
    if (goesOn) {
      return false;
    }
    for (Map.Entry<Path, byte[]> file : contents.entrySet()) {
      if (file.getValue() == null) {
        Files.deleteIfExists(file.getKey());
      } else {
        AtomicFile.write(file.getKey(), file.getValue());
      }
    }
    return true;
  }
}

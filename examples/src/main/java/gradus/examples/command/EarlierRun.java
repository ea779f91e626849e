package gradus.examples.command;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.report.RecordedRun;
import gradus.report.Resumption;
import gradus.report.RunRecord;
import gradus.report.RunStatus;
import gradus.train.Checkpoints;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the files of a run say before it is gone on with. Where that is refused, such as for another
 * seed, they shall say it still.
 */
final class EarlierRun implements TrainingListener {
  private final Map<Path, byte[]> contents = new LinkedHashMap<>(); // null of what there was not
  private final List<Resumption> resumptions = new ArrayList<>();
  private RecordedRun then; // null where nothing is gone on with, or no record of it is left
  private RunComparison comparison; // of then and now
  private boolean goesOn;

  private EarlierRun() {}

  /** There is none: nothing is ever put back. */
  static EarlierRun none() {
    EarlierRun none = new EarlierRun();
    none.goesOn = true;
    return none;
  }

  /**
   * Keeps what the files of a run say.
   *
   * @param now what is to be said of it from now on
   * @throws GradusException if it would not be the same run any more
   */
  static EarlierRun of(RunFolder folder, RunRecord now) {
    EarlierRun run = new EarlierRun();
    for (Path file : folder.told()) {
      try {
        run.contents.put(file, Files.exists(file) ? Files.readAllBytes(file) : null);
      } catch (IOException e) {
        throw new GradusException("Cannot read " + file + " (" + e + ").", e);
      }
    }
    if (Checkpoints.in(folder.checkpoints()).newestEpoch() > 0 && Files.exists(folder.record())) {
      run.then = RecordedRun.read(folder.path());
      run.resumptions.addAll(run.then.resumptions());
      run.comparison = new RunComparison(List.of(run.then, now.recordedIn(folder.path())));
      ResumableSettings.require(run.then, run.comparison);
    }
    return run;
  }

  /** Whether its record is to stay until it is gone on with. */
  boolean isRecorded() {
    return then != null;
  }

  /** Settings that are others now. */
  List<RunComparison.Row> changes() {
    return then == null ? List.of() : comparison.settings();
  }

  /** Where the run was gone on with until now. */
  List<Resumption> resumptions() {
    return resumptions;
  }

  @Override
  public void onResume(List<EpochReport> earlier) {
    if (then == null) {
      return;
    }
    Map<String, Resumption.Change> changed = new LinkedHashMap<>();
    List<RunComparison.Row> rows = new ArrayList<>(comparison.settings());
    rows.addAll(comparison.surroundings());
    for (RunComparison.Row row : rows) {
      changed.put(row.name(), new Resumption.Change(row.values().get(0), row.values().get(1)));
    }
    boolean finished =
        then.status() == RunStatus.FINISHED && then.epochs().size() == earlier.size();
    resumptions.add(new Resumption(earlier.size(), finished, then.arguments(), changed));
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

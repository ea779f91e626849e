package gradus.examples.command;

import gradus.GradusException;
import gradus.report.RecordedRun;
import gradus.search.Trial;
import gradus.search.TrialProgress;
import gradus.search.TrialRunner;
import gradus.train.Checkpoints;
import gradus.train.EpochReport;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine;

/**
 * Trains each trial of a search as a run in a folder of its own, by the command line that a person
 * would give to {@code train}. What a folder already has is not trained again, so that a search
 * that was cut off is gone on with by doing it all once more.
 */
final class TrialRuns implements TrialRunner {
  /** The search is to end, because a person ended a trial. */
  static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    Interrupted(int exitCode) {
      super("interrupted");
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }
  }

  private static final String LOG = "train.log";

  private final Path folder;
  private final int epochs;
  private final List<String> common;

  /**
   * Trials in the folder of a search.
   *
   * @param epochs that the best of them get
   * @param common options of {@code train} that are the same for all
   */
  TrialRuns(Path folder, int epochs, List<String> common) {
    this.folder = folder;
    this.epochs = epochs;
    this.common = List.copyOf(common);
  }

  /** Where a trial lies. */
  Path folder(Trial trial) {
    return folder.resolve("trial-%03d".formatted(trial.number()));
  }

  /** Its command line, but for whether it begins or goes on. */
  List<String> arguments(Trial trial) {
    // Settings that do not work are what a search is for: none needs a diagnosis.
    List<String> arguments = new ArrayList<>(List.of("train", "--doctor", "off"));
    arguments.addAll(common);
    for (Map.Entry<String, String> setting : trial.settings().entrySet()) {
      boolean isList = setting.getKey().equals("augment"); // whose commas part trials here
      String value = isList ? setting.getValue().replace('+', ',') : setting.getValue();
      arguments.addAll(List.of("--" + setting.getKey(), value));
    }
    arguments.addAll(List.of("--epochs", Integer.toString(epochs), "--keep", "1"));
    arguments.addAll(List.of("--out", folder(trial).toString()));
    return arguments;
  }

  @Override
  public TrialProgress run(Trial trial, int until, Predicate<List<EpochReport>> goOn) {
    Watch watch = new Watch(until, epochs, goOn);
    RecordedRun earlier = earlier(trial);
    if (earlier != null && earlier.reason() != null) { // else it was killed: go on with it
      watch.onResume(earlier.epochs());
      if (watch.wantsNoMore() || earlier.isDiverged()) {
        return new TrialProgress(watch.epochs(), !watch.wantsNoMore());
      }
    }
    return train(trial, earlier, new Watch(until, epochs, goOn));
  }

  /** What an earlier search left, or null. */
  private RecordedRun earlier(Trial trial) {
    if (!Files.exists(folder(trial).resolve(RecordedRun.RECORD))) {
      return null;
    }
    RecordedRun run = RecordedRun.read(folder(trial));
    List<String> then = new ArrayList<>(run.arguments());
    then.removeAll(List.of("--resume", "--overwrite"));
    if (!then.equals(arguments(trial))) {
      throw new GradusException(
          folder(trial)
              + " is a trial with other settings: "
              + String.join(" ", then)
              + ", where this search has "
              + String.join(" ", arguments(trial))
              + ". Repeat the options of the search that is to be resumed, or choose another --out.");
    }
    return run;
  }

  private TrialProgress train(Trial trial, RecordedRun earlier, Watch watch) {
    Path place = folder(trial);
    boolean begun =
        earlier != null && !Checkpoints.in(place.resolve("checkpoints")).files().isEmpty();
    List<String> arguments = arguments(trial);
    arguments.add(begun ? "--resume" : "--overwrite");
    StringWriter errors = new StringWriter();
    int exitCode;
    try (PrintWriter log = log(place)) {
      CommandLine line = Commands.commandLine();
      line.setOut(log);
      line.setErr(new PrintWriter(errors, true));
      TrainCommand command = line.getSubcommands().get("train").getCommand();
      command.watch(watch::of);
      exitCode = line.execute(arguments.toArray(new String[0]));
      log.print(errors);
    }
    if (exitCode > ErrorMessages.USAGE) {
      throw new Interrupted(exitCode);
    }
    boolean diverged = exitCode != 0 && RecordedRun.read(place).isDiverged();
    if (exitCode != 0 && !diverged) {
      throw new GradusException("Trial " + trial.number() + ": " + errors.toString().strip());
    }
    return new TrialProgress(watch.epochs(), diverged);
  }

  private static PrintWriter log(Path place) {
    try {
      Files.createDirectories(place);
      return new PrintWriter(
          Files.newBufferedWriter(
              place.resolve(LOG),
              StandardCharsets.UTF_8,
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new GradusException(
          "Cannot write to " + place + " (" + e + "). Choose an --out you may write to.", e);
    }
  }

  /** Collects the epochs of a trial and stops its run when it has enough. */
  private static final class Watch implements TrainingListener {
    private final int until;
    private final int planned;
    private final Predicate<List<EpochReport>> goOn;
    private final List<EpochReport> epochs = new ArrayList<>();
    private boolean wantsNoMore;
    private Trainer trainer;

    Watch(int until, int planned, Predicate<List<EpochReport>> goOn) {
      this.until = until;
      this.planned = planned;
      this.goOn = goOn;
    }

    Watch of(Trainer value) {
      trainer = value;
      return this;
    }

    @Override
    public void onResume(List<EpochReport> earlier) {
      earlier.forEach(this::onEpoch);
    }

    @Override
    public void onEpoch(EpochReport report) {
      if (wantsNoMore) { // a folder may hold more than is asked for now
        return;
      }
      epochs.add(report);
      wantsNoMore = epochs.size() >= until || !goOn.test(List.copyOf(epochs));
      if (wantsNoMore && epochs.size() < planned && trainer != null) {
        trainer.stop();
      }
    }

    boolean wantsNoMore() {
      return wantsNoMore;
    }

    List<EpochReport> epochs() {
      return epochs;
    }
  }
}

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine;

/**
 * Trains each trial of a search as a run in a folder of its own, by the command line that a person
 * would give to {@code train}. What a folder already has is not trained again, so that a search
 * that was cut off is gone on with by doing it all once more.
 */
final class TrialRuns implements TrialRunner {
  /** The search is to end, because a person ended it. */
  static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Interrupted() {
      super("interrupted");
    }
  }

  private static final String LOG = "train.log";
  private static final String THREADS = "--threads";

  private final Path folder;
  private final int epochs;
  private final List<String> common;
  private final Set<Trainer> training = new HashSet<>();
  private boolean stopped;
  private RuntimeException failure;

  /**
   * Trials in the folder of a search.
   *
   * @param epochs that the best of them get
   * @param common options of {@code train} that are the same for all
   * @param parallel how many run at a time: each gets its share of the processors
   */
  TrialRuns(Path folder, int epochs, List<String> common, int parallel) {
    this.folder = folder;
    this.epochs = epochs;
    List<String> options = new ArrayList<>(common);
    if (parallel > 1 && !common.contains(THREADS)) {
      int share = Math.max(1, Runtime.getRuntime().availableProcessors() / parallel);
      options.addAll(List.of(THREADS, Integer.toString(share)));
    }
    this.common = List.copyOf(options);
  }

  /** Ends what runs after its step, and begins nothing more. Safe from any thread. */
  synchronized void stop() {
    stopped = true;
    training.forEach(Trainer::stop);
  }

  /** What ended the search, if not a person; else null. */
  synchronized RuntimeException failure() {
    return failure;
  }

  /** One trial that fails ends the others: none of them would do better. */
  private synchronized void fail(RuntimeException cause) {
    if (failure == null) {
      failure = cause;
      stop();
    }
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  private synchronized void begin(Trainer trainer) {
    training.add(trainer);
    if (stopped) {
      trainer.stop();
    }
  }

  private synchronized void end(Trainer trainer) {
    training.remove(trainer);
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
    try {
      return resume(trial, until, goOn);
    } catch (Interrupted interrupted) {
      throw interrupted;
    } catch (RuntimeException e) {
      fail(e);
      throw e;
    }
  }

  private TrialProgress resume(Trial trial, int until, Predicate<List<EpochReport>> goOn) {
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
    if (!withoutThreads(then).equals(withoutThreads(arguments(trial)))) {
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

  /** Their number changes no bit: a search may be gone on with in another number of trials. */
  private static List<String> withoutThreads(List<String> arguments) {
    List<String> others = new ArrayList<>(arguments);
    for (int i = others.indexOf(THREADS); i >= 0; i = others.indexOf(THREADS)) {
      others.subList(i, Math.min(i + 2, others.size())).clear();
    }
    return others;
  }

  private TrialProgress train(Trial trial, RecordedRun earlier, Watch watch) {
    if (isStopped()) {
      throw new Interrupted();
    }
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
      command.watch(
          trainer -> {
            begin(trainer);
            return watch.of(trainer);
          });
      exitCode = line.execute(arguments.toArray(new String[0]));
      log.print(errors);
    } finally {
      end(watch.trainer);
    }
    if (isStopped() && !watch.wantsNoMore()) {
      throw new Interrupted();
    }
    boolean diverged =
        exitCode != 0
            && Files.exists(place.resolve(RecordedRun.RECORD)) // else it had not begun
            && RecordedRun.read(place).isDiverged();
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

package gradus.examples.command;

import gradus.GradusException;
import gradus.report.RecordedRun;
import gradus.report.RunStatus;
import gradus.train.Checkpoints;
import gradus.train.Trainer;
import java.io.PrintWriter;
import java.nio.file.Files;
import picocli.CommandLine.Option;

/** The options about going on with a run that was cut off. */
final class CheckpointChoice {
  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Write the whole state of the run into --out after every N epochs; 0 for never."
              + " Default: ${DEFAULT-VALUE}")
  private int every;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many checkpoints to keep. Default: ${DEFAULT-VALUE}")
  private int keep;

  @Option(
      names = "--resume",
      description =
          "Go on after the newest checkpoint in --out, or start anew where there is none. Repeat"
              + " the other options of the run; only --epochs, the patience of --early-stopping,"
              + " --doctor, --backend, and what changes no weight may be others.")
  private boolean resume;

  void check(boolean hasOut, boolean overwrite) {
    UsageException.unless(
        every >= 0, "--checkpoint-every is " + every + ", but must not be negative.");
    UsageException.unless(keep >= 1, "--keep is " + keep + ", but must be at least 1.");
    UsageException.unless(
        !resume || hasOut, "--resume needs --out DIR, the folder of the run to go on with.");
    UsageException.unless(
        !resume || !overwrite, "--resume goes on with a run and --overwrite replaces it: use one.");
    UsageException.unless(
        !resume || every > 0, "--resume needs checkpoints: leave out --checkpoint-every 0.");
  }

  boolean resumes() {
    return resume;
  }

  /**
   * Says so where there is nothing to go on from. A run that came to something must not be started
   * anew then, and so be lost.
   */
  void requireResumable(RunFolder run, PrintWriter print) {
    if (!resume || Checkpoints.in(run.checkpoints()).newestEpoch() > 0) {
      return;
    }
    if (Files.exists(run.record()) && hasCome(RecordedRun.read(run.path()))) {
      throw new GradusException(
          "--resume: "
              + run.path()
              + " holds a run that has ended, and no checkpoint to go on from. Choose another"
              + " folder, or add --overwrite in place of --resume to replace it.");
    }
    print.println(
        "There is no checkpoint in " + run.path() + " to go on from: the run begins anew.");
    print.flush();
  }

  /** Not so one that was stopped in its first epoch, or was killed, which then gives no reason. */
  private static boolean hasCome(RecordedRun run) {
    return run.reason() != null
        && (run.status() != RunStatus.INTERRUPTED
            || !run.epochs().isEmpty()
            || run.testAccuracy() >= 0); // its time was up
  }

  /**
   * What to say to somebody who has stopped a run.
   *
   * @param epochs that it has finished
   */
  String hint(RunFolder run, int epochs) {
    String command = "Repeat the command with --out " + run.path();
    int kept = Checkpoints.in(run.checkpoints()).newestEpoch();
    if (every > 0 && kept > 0) {
      return command + " --resume to go on after epoch " + kept + ".";
    }
    String anew = epochs == 0 && every > 0 ? " --resume" : " --overwrite";
    return (epochs == 0 ? "No epoch was finished" : "There is no checkpoint")
        + ", so there is nothing to go on from. "
        + command
        + anew
        + " to begin anew.";
  }

  /** Gives a trainer its folder of checkpoints. */
  void apply(Trainer trainer, RunFolder run) {
    if (every > 0) {
      trainer.checkpoints(Checkpoints.in(run.checkpoints()).every(every).keepLast(keep));
    }
    if (resume) {
      trainer.resume();
    }
  }
}

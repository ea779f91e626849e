package gradus.examples.command;

import gradus.GradusException;
import gradus.report.RecordedRun;
import gradus.train.Checkpoints;
import gradus.train.Trainer;
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

  /** A finished run without checkpoints must not be started anew, and so be lost. */
  void requireResumable(RunFolder run) {
    if (resume
        && Files.exists(run.record())
        && RecordedRun.read(run.path()).reason() != null // one that was killed has none
        && Checkpoints.in(run.checkpoints()).files().isEmpty()) {
      throw new GradusException(
          "--resume: "
              + run.path()
              + " holds a run that has ended, and no checkpoint to go on from. Choose another"
              + " folder, or add --overwrite in place of --resume to replace it.");
    }
  }

  /** What to say to somebody who has stopped a run. */
  String hint(RunFolder run) {
    return every == 0 || Checkpoints.in(run.checkpoints()).files().isEmpty()
        ? ""
        : " Repeat the command with --out " + run.path() + " --resume to go on.";
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

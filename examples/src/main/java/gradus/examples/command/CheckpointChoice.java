package gradus.examples.command;

import gradus.train.Checkpoints;
import gradus.train.Trainer;
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
              + " the other options of the run.")
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

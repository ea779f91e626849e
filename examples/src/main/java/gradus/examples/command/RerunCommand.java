package gradus.examples.command;

import gradus.GradusException;
import gradus.files.Sha256;
import gradus.report.RecordedRun;
import gradus.report.Resumption;
import gradus.report.RunStatus;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Repeats a run, and says whether it came to the same weights. */
@Command(
    name = "rerun",
    sortOptions = false,
    description = {
      "Starts the command line of a finished run again, into another folder, and compares the",
      "weights of both to the bit. Exit code 1, and what differs, if they are not the same.",
      "A run that was finished and then trained for longer is repeated in the same parts."
    })
final class RerunCommand implements Callable<Integer> {
  private static final Set<String> LEFT_OUT = Set.of("--resume", "--overwrite");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of the run to repeat.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the second run goes. Default: RUN-rerun")
  private Path out;

  private PrintWriter print;

  @Override
  public Integer call() {
    print = spec.commandLine().getOut();
    RecordedRun first = RecordedRun.read(folder);
    requireRepeatable(first);
    Path target = out != null ? out : standardTarget();
    List<List<String>> lines = lines(first);
    if (!Path.of("").toAbsolutePath().equals(first.directory())) {
      print.println(
          "The first run was started in "
              + first.directory()
              + ", this one is not: relative names now stand for other files.");
    }
    for (int i = 0; i < lines.size(); i++) {
      List<String> arguments = arguments(lines.get(i), target);
      if (i > 0) {
        arguments.add("--resume");
      }
      print.println("Again: ./gradus " + String.join(" ", arguments));
      print.flush();
      CommandLine line = Commands.commandLine();
      line.setOut(print);
      line.setErr(spec.commandLine().getErr());
      int exitCode = line.execute(arguments.toArray(new String[0]));
      if (exitCode != 0) {
        return exitCode;
      }
    }
    return verdict(first, RecordedRun.read(target));
  }

  /**
   * What made the run, oldest first: one command line, unless it was gone on with otherwise when it
   * had ended. Where it was merely cut off, what goes on comes to the same bits.
   */
  private List<List<String>> lines(RecordedRun run) {
    List<List<String>> lines = new ArrayList<>();
    for (Resumption resumption : run.resumptions()) {
      List<RunComparison.Row> changes = ResumableSettings.withEffect(resumption);
      if (!changes.isEmpty() && !resumption.finished()) {
        throw new GradusException(
            folder
                + " was cut off after epoch "
                + resumption.afterEpoch()
                + " and resumed with other settings ("
                + ResumableSettings.words(changes)
                + "), so no command lines repeat it. Rerun one that was not.");
      }
      if (!changes.isEmpty()) {
        lines.add(resumption.arguments());
      }
    }
    lines.add(run.arguments());
    return lines;
  }

  private void requireRepeatable(RecordedRun run) {
    Path weights = folder.resolve(SavedModel.FILE);
    if (run.status() != RunStatus.FINISHED) {
      throw new GradusException(
          folder
              + " is "
              + run.status()
              + ", so it has no final weights to compare with. Finish it with train --resume, or"
              + " rerun another one.");
    }
    if (run.arguments().isEmpty() || run.weights() == null) {
      throw new GradusException(
          folder + " is of a version that did not record its command line. Train it again.");
    }
    if (!Files.exists(weights) || !Sha256.of(weights).equals(run.weights())) {
      throw new GradusException(
          weights
              + " is missing or not what the run left there, so there is nothing to compare with."
              + " Start the command line by hand: ./gradus "
              + String.join(" ", run.arguments()));
    }
  }

  private Path standardTarget() {
    Path whole = folder.toAbsolutePath().normalize();
    Path target = whole.resolveSibling(whole.getFileName() + "-rerun");
    for (int i = 2; Files.exists(target); i++) {
      target = whole.resolveSibling(whole.getFileName() + "-rerun-" + i);
    }
    return target;
  }

  private static List<String> arguments(List<String> then, Path target) {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < then.size(); i++) {
      if (then.get(i).equals("--out")) {
        i++; // and its value
      } else if (!then.get(i).startsWith("--out=") && !LEFT_OUT.contains(then.get(i))) {
        arguments.add(then.get(i));
      }
    }
    arguments.addAll(List.of("--out", target.toString()));
    return arguments;
  }

  private int verdict(RecordedRun first, RecordedRun second) {
    print.println();
    if (first.weights().equals(second.weights())) {
      print.println("The same bits: the weights of both have the SHA-256 " + first.weights());
      print.flush();
      return 0;
    }
    print.println("Not the same bits: the weights differ.");
    print.println("  " + first.weights() + "  " + first.folder());
    print.println("  " + second.weights() + "  " + second.folder());
    RunComparison comparison = new RunComparison(List.of(first, second));
    List<RunComparison.Row> rows = new ArrayList<>(comparison.chosen());
    rows.addAll(comparison.following());
    rows.addAll(comparison.surroundings());
    rows.forEach(row -> print("What differs", row));
    boolean explained = !rows.isEmpty();
    for (Resumption resumption : first.resumptions()) {
      List<RunComparison.Row> changes = ResumableSettings.surroundings(resumption);
      changes.forEach(
          row ->
              print("What changed after epoch " + resumption.afterEpoch() + " of the first", row));
      explained |= !changes.isEmpty();
    }
    if (!first.resumptions().isEmpty() && first.setting("doctor").equals("treat")) {
      print.println(
          "The first was resumed and treated: what the doctor has seen is not part of a checkpoint,"
              + " so it may have treated it otherwise.");
      explained = true;
    }
    if (!explained) {
      print.println(
          "Settings, data, program and machine are the same. If the run started --from other"
              + " weights, they may have changed; if not, this is a defect of Gradus: report it.");
    }
    print.flush();
    return ErrorMessages.FAILURE;
  }

  private void print(String what, RunComparison.Row row) {
    print.println(
        what + ": " + row.name() + ": " + row.values().get(0) + " | " + row.values().get(1));
  }
}

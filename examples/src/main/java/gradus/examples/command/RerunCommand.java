package gradus.examples.command;

import gradus.GradusException;
import gradus.files.Sha256;
import gradus.report.RecordedRun;
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
      "weights of both to the bit. Exit code 1, and what differs, if they are not the same."
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
    List<String> arguments = arguments(first, target);
    print.println("Again: ./gradus " + String.join(" ", arguments));
    if (!Path.of("").toAbsolutePath().equals(first.directory())) {
      print.println(
          "The first run was started in "
              + first.directory()
              + ", this one is not: relative names now stand for other files.");
    }
    print.flush();
    CommandLine line = Commands.commandLine();
    line.setOut(print);
    line.setErr(spec.commandLine().getErr());
    int exitCode = line.execute(arguments.toArray(new String[0]));
    return exitCode == 0 ? verdict(first, RecordedRun.read(target)) : exitCode;
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

  private static List<String> arguments(RecordedRun run, Path target) {
    List<String> arguments = new ArrayList<>();
    List<String> then = run.arguments();
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
    for (RunComparison.Row row : rows) {
      print.println(
          "What differs: " + row.name() + ": " + row.values().get(0) + " | " + row.values().get(1));
    }
    if (rows.isEmpty()) {
      print.println(
          "Settings, data, program and machine are the same. If the run started --from other"
              + " weights, they may have changed; if not, this is a defect of Gradus: report it.");
    }
    print.flush();
    return ErrorMessages.FAILURE;
  }
}

package gradus.examples.command;

import gradus.GradusException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns exceptions into one message on the error stream and an exit code: 2 for a wrong command
 * line, 1 for everything else. Stack traces appear with {@code --debug} only.
 */
final class ErrorMessages implements IExecutionExceptionHandler, IParameterExceptionHandler {
  /** What Keras, PyTorch's examples and Lightning call our options. */
  private static final Map<String, String> NAMES_OF_OTHERS =
      Map.of(
          "--learning-rate", "--lr",
          "--batch-size", "--batch",
          "--num-epochs", "--epochs",
          "--max-epochs", "--epochs",
          "--num-workers", "--workers",
          "--patience", "--early-stopping",
          "--device", "--backend",
          "--output-dir", "--out");

  static final int FAILURE = 1;
  static final int USAGE = 2;

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    print(command, wrong.getMessage());
    if (!namesOfOthers(wrong, err)) {
      UnmatchedArgumentException.printSuggestions(wrong, err);
    }
    hint(err, command);
    return USAGE;
  }

  /** Names the option whose name in other programs was typed; returns whether it was. */
  private static boolean namesOfOthers(ParameterException wrong, PrintWriter err) {
    if (!(wrong instanceof UnmatchedArgumentException unmatched)) {
      return false;
    }
    String typed = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
    String ours = NAMES_OF_OTHERS.get(typed.replace('_', '-'));
    if (ours == null || wrong.getCommandLine().getCommandSpec().findOption(ours) == null) {
      return false;
    }
    err.println("Here " + typed + " is called " + ours + ".");
    return true;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    boolean explained = failure instanceof GradusException;
    print(command, explained ? failure.getMessage() : "unexpected " + failure);
    if (Commands.debug(command)) {
      failure.printStackTrace(err);
    } else if (!explained) {
      err.println("This is a defect of Gradus. Run the command again with --debug and report it.");
    }
    if (failure instanceof UsageException) {
      hint(err, command);
      return USAGE;
    }
    return FAILURE;
  }

  /** Prints one message as all errors of that command look. */
  static void print(CommandLine command, String message) {
    command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message);
  }

  private static void hint(PrintWriter err, CommandLine command) {
    err.println("Options: " + command.getCommandSpec().qualifiedName() + " --help");
  }
}

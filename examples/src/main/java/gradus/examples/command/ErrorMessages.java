package gradus.examples.command;

import gradus.GradusException;
import java.io.PrintWriter;
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
  static final int FAILURE = 1;
  static final int USAGE = 2;

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    print(command, wrong.getMessage());
    UnmatchedArgumentException.printSuggestions(wrong, err);
    hint(err, command);
    return USAGE;
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

package gradus.bench;

import gradus.GradusException;
import gradus.bench.command.DoctorCommand;
import gradus.bench.command.LimitsCommand;
import gradus.bench.command.OpsCommand;
import gradus.bench.command.PageCommand;
import gradus.bench.command.ProfileCommand;
import gradus.bench.command.ScaleCommand;
import gradus.bench.command.StepsCommand;
import gradus.bench.step.Peer;
import gradus.examples.bench.StepBenchmark.Mode;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Measures speed: see bench/README.md. */
@Command(
    name = "bench/run.sh",
    description = "Measures kernels, whole steps and the machine, beside other frameworks.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StepsCommand.class,
      OpsCommand.class,
      LimitsCommand.class,
      ProfileCommand.class,
      DoctorCommand.class,
      ScaleCommand.class,
      PageCommand.class
    })
public final class Bench {
  private Bench() {}

  /** Runs a command and ends with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** A command line ready to execute. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Bench());
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
    return line.registerConverter(Peer.class, named(Peer.values()))
        .registerConverter(Workload.class, named(Workload.values()))
        .registerConverter(Mode.class, named(Mode.values()))
        .registerConverter(Precision.class, named(Precision.values()))
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (!(e instanceof GradusException)) {
                throw e;
              }
              command.getErr().println(e.getMessage());
              return 1;
            });
  }

  /** What a value prints as is how it is chosen. */
  private static <T> ITypeConverter<T> named(T[] values) {
    return name ->
        Arrays.stream(values)
            .filter(value -> value.toString().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new TypeConversionException(
                        name
                            + " is unknown: choose one of "
                            + Arrays.stream(values)
                                .map(Object::toString)
                                .collect(Collectors.joining(", "))
                            + "."));
  }
}

package gradus.examples.command;

import gradus.backend.ConvAccuracy;
import gradus.backend.MemoryFormat;
import gradus.doctor.DoctorMode;
import gradus.examples.bench.StepBenchmark;
import gradus.examples.bench.Workload;
import gradus.examples.doctor.ScenarioList;
import gradus.examples.net.Network;
import gradus.metric.Monitor;
import gradus.tensor.Precision;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line as a whole: the commands, and what they share. */
@Command(
    name = "gradus",
    description = "Trains convolutional image classifiers on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Start with: ./gradus train", "Options of a command: ./gradus COMMAND --help"},
    subcommands = {
      LearningRateFindCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      ImbalanceCommand.class,
      PredictCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      ReportCommand.class,
      DiagnoseCommand.class,
      RunsCommand.class,
      CompareCommand.class,
      RerunCommand.class,
      SearchCommand.class,
      ServeCommand.class,
      CheckCommand.class,
      CheckDataCommand.class,
      DemoCommand.class,
      DoctorEvalCommand.class,
      LabelErrorsCommand.class,
      SummaryCommand.class,
      BackendsCommand.class,
      BenchCommand.class,
      BenchDataCommand.class
    })
public final class Commands implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  private Commands() {}

  /** A command line ready to execute, with its messages and exit codes. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Commands());
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
    ErrorMessages errors = new ErrorMessages();
    return line.registerConverter(Network.class, new NetworkName())
        .registerConverter(DoctorChoice.Care.class, Choice.of(DoctorChoice.Care.class))
        .registerConverter(DataKind.class, Choice.of(DataKind.class))
        .registerConverter(ScenarioList.class, Choice.of(ScenarioList.class))
        .registerConverter(Normalization.class, Choice.of(Normalization.class))
        .registerConverter(Balance.class, Choice.of(Balance.class))
        .registerConverter(Remedy.class, Choice.of(Remedy.class))
        .registerConverter(LossChoice.Kind.class, Choice.of(LossChoice.Kind.class))
        .registerConverter(ClassWeighting.class, new ClassWeighting.Converter())
        .registerConverter(DoctorMode.class, Choice.of(DoctorMode.class))
        .registerConverter(Views.class, Choice.of(Views.class))
        .registerConverter(ConvAccuracy.class, Choice.of(ConvAccuracy.class))
        .registerConverter(MemoryFormat.class, Choice.of(MemoryFormat.class))
        .registerConverter(BackendChoice.CudaGraph.class, Choice.of(BackendChoice.CudaGraph.class))
        .registerConverter(Precision.class, Choice.of(Precision.class))
        .registerConverter(OptimizerKind.class, Choice.of(OptimizerKind.class))
        .registerConverter(ScheduleChoice.Curve.class, Choice.of(ScheduleChoice.Curve.class))
        .registerConverter(Monitor.class, MonitorChoice.monitors())
        .registerConverter(InitialWeights.class, Choice.of(InitialWeights.class))
        .registerConverter(WrongLabels.Kind.class, Choice.of(WrongLabels.Kind.class))
        .registerConverter(EvaluateCommand.Part.class, Choice.of(EvaluateCommand.Part.class))
        .registerConverter(ExportCommand.Format.class, Choice.of(ExportCommand.Format.class))
        .registerConverter(Workload.class, Choice.of(Workload.class))
        .registerConverter(StepBenchmark.Mode.class, Choice.of(StepBenchmark.Mode.class))
        .registerConverter(SearchCommand.Strategy.class, Choice.of(SearchCommand.Strategy.class))
        .registerConverter(BenchCommand.Layout.class, Choice.of(BenchCommand.Layout.class))
        .setOverwrittenOptionsAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors);
  }

  /** Whether the person wants stack traces. */
  static boolean debug(CommandLine command) {
    return ((Commands) command.getCommandSpec().root().userObject()).debug;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }
}

package gradus.examples.command;

import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import gradus.train.BestWeights;
import gradus.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options that say what is measured of the validation, and what of it decides. */
final class MonitorChoice {
  @Option(
      names = "--monitor",
      paramLabel = "NAME",
      defaultValue = "validation-loss",
      description =
          "What early stopping and the plateau watch: validation-loss, validation-accuracy,"
              + " validation-macro-f1, validation-macro-precision, validation-macro-recall,"
              + " validation-balanced-accuracy or validation-top-5-accuracy. One that is neither"
              + " loss nor accuracy also says which epoch is the best. Default: ${DEFAULT-VALUE}")
  private Monitor monitor;

  @Option(
      names = "--metrics",
      paramLabel = "NAME",
      split = ",",
      converter = MetricName.class,
      description =
          "Show and record these of the validation, too: macro-f1, macro-precision, macro-recall,"
              + " balanced-accuracy, top-5-accuracy. What --monitor names is among them.")
  private List<ValidationMetric<?>> metrics = List.of();

  /** A class for picocli, which knows no type of a wildcard. */
  static final class MetricName implements ITypeConverter<ValidationMetric<?>> {
    private static final Choice<ValidationMetric<?>> NAMES =
        Choice.of(ValidationMetric.all(), metric -> typed(metric.name()));

    @Override
    public ValidationMetric<?> convert(String text) {
      return NAMES.convert(text);
    }
  }

  /** Names as one types them: those of files, with hyphens. */
  static Choice<Monitor> monitors() {
    return Choice.of(Monitor.all(), monitor -> typed(monitor.name()));
  }

  private static String typed(String name) {
    return name.replace('_', '-');
  }

  Monitor monitor() {
    return monitor;
  }

  /** Has all of them measured that were named. */
  void apply(Trainer trainer) {
    List<ValidationMetric<?>> measured = new ArrayList<>(metrics);
    if (monitor.metric() != null) {
      measured.add(monitor.metric());
    }
    trainer.metrics(measured.toArray(ValidationMetric<?>[]::new));
  }

  /** Loss and accuracy alone decide together, as they always do. */
  void apply(BestWeights best) {
    if (monitor.metric() != null) {
      best.monitor(monitor);
    }
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("monitor", typed(monitor.name()));
    configuration.put(
        "metrics",
        metrics.isEmpty()
            ? null
            : metrics.stream().map(ValidationMetric::name).map(MonitorChoice::typed).toList());
  }
}

package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.metric.Monitor;
import gradus.metric.ValidationMetric;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

class MonitorChoiceTest {
  @Test
  void aNameThatThereIsNotIsToldThoseThereAre() {
    String message =
        assertThrows(
                TypeConversionException.class, () -> MonitorChoice.monitors().convert("val_f1"))
            .getMessage();
    assertEquals(
        "there is no \"val_f1\"; choose one of validation-loss, validation-accuracy,"
            + " validation-macro-f1, validation-macro-precision, validation-macro-recall,"
            + " validation-balanced-accuracy, validation-top-5-accuracy",
        message);
    message =
        assertThrows(
                TypeConversionException.class, () -> new MonitorChoice.MetricName().convert("f1"))
            .getMessage();
    assertTrue(message.endsWith("macro-recall, balanced-accuracy, top-5-accuracy"), message);
  }

  @Test
  void theHelpNamesThemAll() {
    CommandSpec train = Commands.commandLine().getSubcommands().get("train").getCommandSpec();
    String monitors = String.join(" ", train.findOption("--monitor").description());
    for (Monitor monitor : Monitor.all()) {
      assertTrue(monitors.contains(monitor.name().replace('_', '-')), monitor.name());
    }
    String metrics = String.join(" ", train.findOption("--metrics").description());
    for (ValidationMetric<?> metric : ValidationMetric.all()) {
      assertTrue(metrics.contains(metric.name().replace('_', '-')), metric.name());
    }
  }
}

package gradus.examples.command;

import gradus.layer.Model;
import gradus.tensorboard.EventFile;
import gradus.tensorboard.TensorBoardWriter;
import gradus.train.Trainer;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The option to write what TensorBoard shows. */
final class TensorBoardChoice {
  private static final String RUN_FOLDER = "";

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      arity = "0..1",
      fallbackValue = RUN_FOLDER,
      description =
          "Write curves, histograms of the parameters, training images, findings and the settings"
              + " for TensorBoard into DIR, by default --out. Look at them with: tensorboard --logdir runs")
  private Path folder;

  /** A file for the events of a run, which the caller closes; null if none was asked for. */
  EventFile open(RunFolder run) {
    if (folder == null) {
      return null;
    }
    return EventFile.create(folder.toString().equals(RUN_FOLDER) ? run.path() : folder);
  }

  /** Writes how the run begins, and has the trainer write how it goes on, by what is returned. */
  static TensorBoardWriter watch(
      EventFile events,
      Trainer trainer,
      Model model,
      Map<String, Object> configuration,
      BufferedImage trainingImages) {
    events.text("configuration", 0, table(configuration));
    events.image("training_images", 0, trainingImages);
    TensorBoardWriter writer = new TensorBoardWriter(events).histograms(model);
    trainer.listener(writer);
    return writer;
  }

  private static String table(Map<String, Object> configuration) {
    StringBuilder table = new StringBuilder("| setting | value |\n|---|---|\n");
    configuration.forEach(
        (name, value) -> table.append("| " + name + " | " + (value == null ? "" : value) + " |\n"));
    return table.toString();
  }
}

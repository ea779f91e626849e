package gradus.examples.command;

import gradus.examples.net.Network;
import gradus.examples.net.SourceNetwork;
import gradus.layer.Layer;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say which network is looked at. */
final class NetworkChoice {
  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = NetworkName.class,
      description =
          "${COMPLETION-CANDIDATES}, or the FILE.java of your own. Default: lenet for mnist, else deepercnn")
  private Network network;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Probability of dropout before the last linear layer. Default: none")
  private double dropout;

  private Network inherited; // of the weights to start from

  /** Takes the network of a model where none was asked for. */
  void defaultTo(SavedModel saved) {
    inherited = saved.network();
  }

  void check() {
    UsageException.unless(
        dropout >= 0 && dropout < 1,
        "--dropout is " + dropout + ", but must be from 0 to below 1; 0.5 is usual.");
  }

  /** The one asked for, or of the weights to start from, or what suits the data. */
  Network network(DataKind data) {
    if (network != null) {
      return network;
    }
    return inherited != null ? inherited : data.network();
  }

  void describe(DataKind data, Map<String, Object> configuration) {
    configuration.put("model", network(data).toString());
    if (network(data) instanceof SourceNetwork own) {
      configuration.put("model_sha256", own.sha256());
    }
    configuration.put("dropout", dropout);
  }

  /**
   * Leaves the source of a network of one's own in a folder: weights do not say what they are of.
   */
  void keepSource(DataKind data, Path folder) {
    if (network(data) instanceof SourceNetwork own) {
      own.copyTo(folder);
    }
  }

  /** A new one, with a logit for each class. */
  Layer create(DataKind data, int classes) {
    return network(data).create(classes, dropout);
  }
}

package gradus.examples.command;

import gradus.examples.net.Network;
import gradus.layer.Layer;
import picocli.CommandLine.Option;

/** The options that say which network is looked at. */
final class NetworkChoice {
  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}. Default: lenet for mnist, else deepercnn")
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

  /** Of the last hidden layer's outputs. */
  double dropout() {
    return dropout;
  }

  /** A new one, with a logit for each class. */
  Layer create(DataKind data, int classes) {
    return network(data).create(classes, dropout);
  }
}

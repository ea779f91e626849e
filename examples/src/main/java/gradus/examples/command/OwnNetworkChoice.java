package gradus.examples.command;

import gradus.examples.net.Network;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that says which code the model of a run is, where that is a person's own. */
final class OwnNetworkChoice {
  @Option(
      names = "--model",
      paramLabel = "FILE.java",
      description = "Of a run of a network of your own: the file it was trained with.")
  private Network network;

  /** What it says of the model, and what its network is. */
  SavedModel read(Path from) {
    SavedModel saved = SavedModel.read(from);
    return network == null ? saved : saved.withNetwork(network);
  }
}

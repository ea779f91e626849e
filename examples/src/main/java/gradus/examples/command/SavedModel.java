package gradus.examples.command;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.transform.Normalize;
import gradus.examples.net.Network;
import gradus.examples.net.Networks;
import gradus.examples.net.SourceNetwork;
import gradus.layer.Layer;
import gradus.layer.Model;
import gradus.predict.ModelCard;
import gradus.predict.Predictor;
import gradus.tensor.Shape;
import gradus.weights.StateDict;
import gradus.weights.StoredSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * What a weight file must say beside the weights, so that the model can be built and fed again:
 * stored in the metadata of the safetensors file.
 *
 * @param network which network
 * @param classes the names of its outputs
 * @param input the shape of one image
 * @param normalize how pixels are scaled
 * @param data which data set it was trained on
 * @param dataFolder where that was, or null
 * @param skipDamaged whether pictures that cannot be decoded were left out
 * @param seed of the run, which also drew the parts of the data set
 */
record SavedModel(
    Network network,
    List<String> classes,
    Shape input,
    Normalize normalize,
    DataKind data,
    Path dataFolder,
    boolean skipDamaged,
    long seed) {
  static final String FILE = ModelCard.WEIGHTS;

  /** The weights of the best epoch, beside those that a run has ended with. */
  static final String BEST_FILE = "best.safetensors";

  /** Writes the weights of a model with this description. */
  void save(Model model, Path file) {
    StateDict.save(model, file, metadata());
  }

  /** This description, as a weight file stores it. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    card().putInto(metadata);
    StoredSettings.put(metadata, "data", data.toString());
    StoredSettings.put(
        metadata, "data_dir", dataFolder == null ? null : dataFolder.toAbsolutePath().toString());
    StoredSettings.put(metadata, "skip_damaged", skipDamaged);
    StoredSettings.put(metadata, "seed", seed);
    return metadata;
  }

  /**
   * Reads the description in a run's folder, or in a weight file.
   *
   * @throws GradusException if there is none, or it is incomplete
   */
  static SavedModel read(Path from) {
    return of(StoredSettings.read(ModelCard.weights(from)));
  }

  /** The same, or null for weights without a description: other frameworks write none. */
  static SavedModel readIfDescribed(Path from) {
    StoredSettings settings = StoredSettings.read(ModelCard.weights(from));
    return settings.has("model") ? of(settings) : null;
  }

  private static SavedModel of(StoredSettings settings) {
    ModelCard card = ModelCard.of(settings);
    String folder = settings.get("data_dir", String.class);
    return new SavedModel(
        network(settings.file(), card.network()),
        card.classes(),
        card.input(),
        card.normalize(),
        choice(settings.file(), "data", settings.require("data", String.class), DataKind.class),
        folder == null ? null : Path.of(folder),
        settings.has("skip_damaged") // the first versions did not write it
            && settings.require("skip_damaged", Boolean.class),
        settings.require("seed", Long.class));
  }

  /** What predicts with the weights in a run's folder, or in a weight file. */
  Predictor predictor(Path from, Backend backend) {
    return Predictor.open(from, (name, count) -> network.create(count), backend);
  }

  /** The model with its weights; the caller closes it. */
  Model load(Backend backend, Path from) {
    Model model = Model.build(backend, network.create(classes.size()), input, seed);
    try {
      StateDict.load(model, ModelCard.weights(from));
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private ModelCard card() {
    return new ModelCard(network.toString(), classes, input, normalize);
  }

  /** The same of this network. */
  SavedModel withNetwork(Network known) {
    return new SavedModel(known, classes, input, normalize, data, dataFolder, skipDamaged, seed);
  }

  private static Network network(Path file, String name) {
    return SourceNetwork.isNameOf(name)
        ? new UnnamedSource(file, name)
        : choice(file, "model", name, Networks.class);
  }

  /** A network of one's own that nobody has named the file of. */
  private record UnnamedSource(Path weights, String name) implements Network {
    @Override
    public Layer create(int classes) {
      throw new GradusException(
          weights
              + " is of the network in "
              + name
              + ", and no program is run because a file names it: add --model, with the path of "
              + name
              + ".");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static <E extends Enum<E>> E choice(
      Path file, String setting, String name, Class<E> type) {
    try {
      return Choice.of(type).convert(name);
    } catch (TypeConversionException unknown) {
      throw new GradusException(
          file + ": \"gradus." + setting + "\": " + unknown.getMessage() + ".", unknown);
    }
  }
}

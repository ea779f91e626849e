package gradus.predict;

import gradus.GradusException;
import gradus.data.transform.Normalize;
import gradus.layer.Model;
import gradus.tensor.Shape;
import gradus.weights.StateDict;
import gradus.weights.StoredSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one must know beside the weights to use a model: stored in the metadata of its weight file.
 *
 * @param network its name, for a {@link NetworkFactory}
 * @param classes the names of its outputs
 * @param input the shape of one image, {@code [C,H,W]}
 * @param normalize how pixels are scaled
 */
public record ModelCard(String network, List<String> classes, Shape input, Normalize normalize) {
  /** The weight file in a run's folder. */
  public static final String WEIGHTS = "model.safetensors";

  /** Keeps its own copy. */
  public ModelCard {
    classes = List.copyOf(classes);
  }

  /**
   * Reads the card of a run's folder, or of a weight file.
   *
   * @throws GradusException if there is none, or it is incomplete
   */
  public static ModelCard read(Path from) {
    return of(StoredSettings.read(weights(from)));
  }

  /** The card among the settings of a file. */
  public static ModelCard of(StoredSettings settings) {
    return new ModelCard(
        settings.require("model", String.class),
        List.of(settings.require("classes", String[].class)),
        Shape.of(settings.require("input", int[].class)),
        Normalize.of(
            settings.require("mean", float[].class),
            settings.require("standard_deviation", float[].class)));
  }

  /** Adds this card to the metadata to store with {@link gradus.weights.StateDict#save}. */
  public void putInto(Map<String, String> metadata) {
    metadata.put("format", "pt"); // what other readers of safetensors expect
    StoredSettings.put(metadata, "model", network);
    StoredSettings.put(metadata, "classes", classes);
    StoredSettings.put(metadata, "input", input.toArray());
    StoredSettings.put(metadata, "mean", normalize.mean());
    StoredSettings.put(metadata, "standard_deviation", normalize.standardDeviation());
  }

  /**
   * Writes the model's weights with this card beside them, in one file that {@link Predictor#open}
   * reads.
   *
   * @throws GradusException if the card does not describe the model, or the file cannot be written
   */
  public void save(Model model, Path file) {
    requireFits(model);
    Map<String, String> metadata = new LinkedHashMap<>();
    putInto(metadata);
    StateDict.save(model, file, metadata);
  }

  /** The weight file of a run's folder, or {@code from} itself if it is one. */
  public static Path weights(Path from) {
    return Files.isDirectory(from) ? from.resolve(WEIGHTS) : from;
  }

  /** Refuses a model that this card does not describe. */
  void requireFits(Model model) {
    if (!model.inputShape().equals(input) || input.rank() != 3) {
      throw new GradusException(
          "A predictor takes images "
              + input
              + ", but the model was built for "
              + model.inputShape()
              + ": both must be the same [C, H, W].");
    }
    if (input.dim(0) != 1 && input.dim(0) != 3) {
      throw new GradusException(
          "A predictor decodes pictures to 1 (grey) or 3 (red, green, blue) channels, but the model"
              + " takes "
              + input.dim(0)
              + ".");
    }
    if (normalize.mean().length != input.dim(0)) {
      throw new GradusException(
          "A predictor normalises as training did, but has numbers for "
              + normalize.mean().length
              + " channels where the model takes "
              + input.dim(0)
              + ".");
    }
    if (model.outputShape().rank() != 1 || model.outputShape().dim(0) != classes.size()) {
      throw new GradusException(
          "A predictor needs a name for each output of the model, which gives "
              + model.outputShape()
              + " for an image, but there are "
              + classes.size()
              + " classes: "
              + classes
              + ".");
    }
  }
}

package gradus.examples.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.backend.Backend;
import gradus.data.transform.Normalize;
import gradus.examples.net.Network;
import gradus.layer.Model;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import gradus.weights.StateDict;
import java.nio.file.Files;
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
  static final String FILE = "model.safetensors";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "gradus.";

  /** Writes the weights of a model with this description. */
  void save(Model model, Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt"); // what other readers of safetensors expect
    put(metadata, "model", network.toString());
    put(metadata, "classes", classes);
    put(metadata, "input", input.toArray());
    put(metadata, "mean", normalize.mean());
    put(metadata, "standard_deviation", normalize.standardDeviation());
    put(metadata, "data", data.toString());
    put(metadata, "data_dir", dataFolder == null ? null : dataFolder.toAbsolutePath().toString());
    put(metadata, "skip_damaged", skipDamaged);
    put(metadata, "seed", seed);
    StateDict.save(model, file, metadata);
  }

  /**
   * Reads the description in a run's folder, or in a weight file.
   *
   * @throws GradusException if there is none, or it is incomplete
   */
  static SavedModel read(Path from) {
    Path file = file(from);
    try (SafeTensors stored = SafeTensors.open(file)) {
      Metadata metadata = new Metadata(file, stored.metadata());
      String folder = metadata.get("data_dir", String.class);
      return new SavedModel(
          metadata.choice("model", Network.class),
          List.of(metadata.require("classes", String[].class)),
          Shape.of(metadata.require("input", int[].class)),
          Normalize.of(
              metadata.require("mean", float[].class),
              metadata.require("standard_deviation", float[].class)),
          metadata.choice("data", DataKind.class),
          folder == null ? null : Path.of(folder),
          metadata.has("skip_damaged") && metadata.require("skip_damaged", Boolean.class),
          metadata.require("seed", Long.class));
    }
  }

  /** The model with its weights; the caller closes it. */
  Model load(Backend backend, Path from) {
    Model model = Model.build(backend, network.create(classes.size()), input, seed);
    try {
      StateDict.load(model, file(from));
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The weight file of a run's folder, or the one that was named. */
  static Path file(Path from) {
    return Files.isDirectory(from) ? from.resolve(FILE) : from;
  }

  private static void put(Map<String, String> metadata, String name, Object value) {
    try {
      metadata.put(PREFIX + name, JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(name + " cannot be written as JSON: " + value, e);
    }
  }

  /** Typed access to the texts of a file. */
  private record Metadata(Path file, Map<String, String> texts) {
    boolean has(String name) { // what the first versions did not write
      return texts.containsKey(PREFIX + name);
    }

    <T> T get(String name, Class<T> type) {
      String text = texts.get(PREFIX + name);
      if (text == null) {
        throw new GradusException(
            file
                + " does not say its \""
                + PREFIX
                + name
                + "\": it was not written by gradus train. Load such a file with StateDict.load in"
                + " a program of your own.");
      }
      try {
        return JSON.readValue(text, type);
      } catch (JsonProcessingException e) {
        throw new GradusException(
            file + ": \"" + PREFIX + name + "\" is damaged: " + text + ". Train again.", e);
      }
    }

    <T> T require(String name, Class<T> type) {
      T value = get(name, type);
      if (value == null) {
        throw new GradusException(file + ": \"" + PREFIX + name + "\" is empty. Train again.");
      }
      return value;
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
      try {
        return Choice.of(type).convert(require(name, String.class));
      } catch (TypeConversionException unknown) {
        throw new GradusException(
            file + ": \"" + PREFIX + name + "\": " + unknown.getMessage() + ".", unknown);
      }
    }
  }
}

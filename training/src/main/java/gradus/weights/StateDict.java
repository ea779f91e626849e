package gradus.weights;

import gradus.GradusException;
import gradus.layer.Model;
import gradus.layer.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Saves and loads everything a model has learned, by name: weights, biases, running statistics.
 * Names and shapes are those of PyTorch's {@code state_dict()}, so that files go both ways.
 */
public final class StateDict {
  /** PyTorch's batch norm counts its batches; nothing is computed from the count. */
  private static final String IGNORED = "num_batches_tracked";

  private StateDict() {}

  /**
   * Writes the state of a model to a safetensors file, which appears whole or not at all.
   *
   * @param metadata texts to store beside it
   * @throws GradusException if the file cannot be written
   */
  public static void save(Model model, Path file, Map<String, String> metadata) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (Parameter parameter : model.state()) {
      weights.put(parameter.name(), Weight.of(parameter.shape(), parameter.read()));
    }
    SafeTensors.write(file, weights, metadata);
  }

  /**
   * Replaces the state of a model by that of a safetensors file. Every name must be there with the
   * right shape, and no other name, except PyTorch's {@code num_batches_tracked}.
   *
   * @throws GradusException listing all that does not fit; the model is then unchanged
   */
  public static void load(Model model, Path file) {
    try (SafeTensors stored = SafeTensors.open(file)) {
      requireFit(model, stored, file);
      List<float[]> values = new ArrayList<>();
      for (Parameter parameter : model.state()) {
        values.add(stored.read(parameter.name()).values().array());
      }
      for (int i = 0; i < values.size(); i++) {
        model.state().get(i).write(values.get(i));
      }
    }
  }

  private static void requireFit(Model model, SafeTensors stored, Path file) {
    List<String> missing = new ArrayList<>();
    List<String> misshaped = new ArrayList<>();
    List<String> unexpected = new ArrayList<>(stored.names());
    unexpected.removeIf(name -> name.endsWith(IGNORED));
    for (Parameter parameter : model.state()) {
      String name = parameter.name();
      if (!stored.names().contains(name)) {
        missing.add(name);
      } else if (!stored.shape(name).equals(parameter.shape())) {
        misshaped.add(name + stored.shape(name) + " where the model has " + parameter.shape());
      }
      unexpected.remove(name);
    }
    if (missing.isEmpty() && misshaped.isEmpty() && unexpected.isEmpty()) {
      return;
    }
    throw new GradusException(
        file
            + " does not fit the model:"
            + list("missing", missing)
            + list("of another shape", misshaped)
            + list("unexpected", unexpected)
            + ". Build the model the file was saved from: the same layers, names, input shape and"
            + " classes.");
  }

  private static String list(String what, List<String> names) {
    return names.isEmpty()
        ? ""
        : System.lineSeparator() + "  " + what + ": " + String.join(", ", names);
  }
}

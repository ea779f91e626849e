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
   * Replaces the state of a model by that of a file: safetensors, or what {@code torch.save} wrote
   * of a {@code state_dict()}, or of a checkpoint that has one as {@code state_dict}, {@code
   * model_state_dict} or {@code model}; the content says which it is. A {@code module.} before
   * every name is taken away. Every name must be there with the right shape, and no other name,
   * except PyTorch's {@code num_batches_tracked}.
   *
   * @throws GradusException listing all that does not fit; the model is then unchanged
   */
  public static void load(Model model, Path file) {
    try (StoredWeights stored = StoredWeights.open(file)) {
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

  /**
   * Replaces those parts of the state of a model that a file has under the same name in the same
   * shape, and leaves the others as they are: the start of fine-tuning, where the last layer is
   * another one. PyTorch's {@code load_state_dict(strict=False)}, which stops at another shape.
   * Files are those of {@link #load}.
   *
   * @return what was loaded, and what was not
   * @throws GradusException if nothing fits
   */
  public static Loaded loadMatching(Model model, Path file) {
    try (StoredWeights stored = StoredWeights.open(file)) {
      Fit fit = fit(model, stored);
      int loaded = 0;
      for (Parameter parameter : model.state()) {
        String name = parameter.name();
        if (stored.names().contains(name) && stored.shape(name).equals(parameter.shape())) {
          parameter.write(stored.read(name).values().array());
          loaded++;
        }
      }
      if (loaded == 0) {
        throw new GradusException(
            file + " has nothing in common with the model:" + fit + ". Is it the right file?");
      }
      return new Loaded(file, loaded, fit.missing, fit.misshaped, fit.unexpected);
    }
  }

  /**
   * What came of {@link #loadMatching}.
   *
   * @param loaded how many arrays
   * @param missing in the file; they keep their values
   * @param misshaped in the file; they keep their values
   * @param unexpected in the file, and not used
   */
  public record Loaded(
      Path file,
      int loaded,
      List<String> missing,
      List<String> misshaped,
      List<String> unexpected) {
    /** Keeps its own copies. */
    public Loaded {
      missing = List.copyOf(missing);
      misshaped = List.copyOf(misshaped);
      unexpected = List.copyOf(unexpected);
    }

    @Override
    public String toString() {
      return "Loaded " + loaded + " arrays of " + file + new Fit(missing, misshaped, unexpected);
    }
  }

  private record Fit(List<String> missing, List<String> misshaped, List<String> unexpected) {
    boolean isPerfect() {
      return missing.isEmpty() && misshaped.isEmpty() && unexpected.isEmpty();
    }

    @Override
    public String toString() {
      return list("missing", missing)
          + list("of another shape", misshaped)
          + list("unexpected", unexpected);
    }
  }

  private static void requireFit(Model model, StoredWeights stored, Path file) {
    Fit fit = fit(model, stored);
    if (!fit.isPerfect()) {
      throw new GradusException(
          file
              + " does not fit the model:"
              + fit
              + ". Build the model the file was saved from: the same layers, names, input shape and"
              + " classes.");
    }
  }

  private static Fit fit(Model model, StoredWeights stored) {
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
    return new Fit(missing, misshaped, unexpected);
  }

  private static String list(String what, List<String> names) {
    return names.isEmpty()
        ? ""
        : System.lineSeparator() + "  " + what + ": " + String.join(", ", names);
  }
}

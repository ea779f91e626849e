package gradus.weights;

import gradus.GradusException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds the weights in what was saved: a state dict itself, or a checkpoint, a dictionary that has
 * it under one of the usual names. What stands beside the tensors is left out, and so is the {@code
 * module.} that data-parallel training in PyTorch puts before every name. But a dictionary of
 * tensors that has something unknown among them is refused: it might be a weight.
 */
final class TorchStateDict {
  private static final List<String> USUAL = List.of("state_dict", "model_state_dict", "model");
  private static final String PARALLEL = "module.";
  private static final int SHOWN_NAMES = 10;

  private TorchStateDict() {}

  /** The tensors by name. */
  static Map<String, TorchTensor> of(Path file, Object root) {
    // A checkpoint may have tensors beside its weights, such as the state of a random stream.
    List<Object> places = new ArrayList<>();
    if (root instanceof Map<?, ?> checkpoint) {
      USUAL.forEach(name -> places.add(checkpoint.get(name)));
    }
    places.add(root);
    for (Object place : places) {
      if (place instanceof Map<?, ?> weights && !tensors(weights).isEmpty()) {
        requireNothingUnknown(file, weights);
        return withoutParallel(tensors(weights));
      }
    }
    for (Object place : places) {
      if (place instanceof PickleReader.Other model) {
        throw unknown(file, model);
      }
      if (place instanceof Map<?, ?> map
          && map.values().stream().allMatch(PickleReader.Other.class::isInstance)) {
        requireNothingUnknown(file, map);
      }
    }
    throw new GradusException(
        file
            + " holds "
            + (root instanceof Map<?, ?> map ? "a dictionary of " + names(map) : "no dictionary")
            + ", but no tensors by name, nor below "
            + String.join(", ", USUAL)
            + ". Save the weights alone: torch.save(model.state_dict(), FILE).");
  }

  /** But what a module has to say of itself with {@code get_extra_state}. */
  private static void requireNothingUnknown(Path file, Map<?, ?> weights) {
    weights.forEach(
        (name, value) -> {
          boolean extra = String.valueOf(name).endsWith("_extra_state");
          if (value instanceof PickleReader.Other unknown && !extra) {
            throw unknown(file, unknown);
          }
        });
  }

  private static Map<String, TorchTensor> withoutParallel(Map<String, TorchTensor> tensors) {
    if (!tensors.keySet().stream().allMatch(name -> name.startsWith(PARALLEL))) {
      return tensors;
    }
    Map<String, TorchTensor> plain = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> plain.put(name.substring(PARALLEL.length()), tensor));
    return plain;
  }

  private static Map<String, TorchTensor> tensors(Map<?, ?> map) {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    map.forEach(
        (name, entry) -> {
          if (name instanceof String text && entry instanceof TorchTensor tensor) {
            tensors.put(text, tensor);
          }
        });
    return tensors;
  }

  private static GradusException unknown(Path file, PickleReader.Other what) {
    String name = what.name();
    return new GradusException(
        file
            + ": its pickle asks for "
            + (name.length() > 200 ? name.substring(0, 200) + "..." : name)
            + ", which is not needed for weights; nothing that a file asks for is run. Save the"
            + " weights alone: torch.save(model.state_dict(), FILE).");
  }

  private static String names(Map<?, ?> map) {
    return map.keySet().stream()
        .limit(SHOWN_NAMES)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "[", map.size() > SHOWN_NAMES ? ", ...]" : "]"));
  }
}

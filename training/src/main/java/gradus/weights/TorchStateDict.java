package gradus.weights;

import gradus.GradusException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds the weights in what was saved: a state dict itself, or a checkpoint, a dictionary that has
 * it under one of the usual names. What stands beside the tensors is left out, and so is the {@code
 * module.} that data-parallel training in PyTorch puts before every name.
 */
final class TorchStateDict {
  private static final List<String> USUAL = List.of("state_dict", "model_state_dict", "model");
  private static final String PARALLEL = "module.";
  private static final int SHOWN_NAMES = 10;

  private TorchStateDict() {}

  /** The tensors by name. */
  static Map<String, TorchTensor> of(Path file, Object root) {
    Map<String, TorchTensor> tensors = tensors(root);
    if (tensors.isEmpty() && root instanceof Map<?, ?> checkpoint) {
      for (String name : USUAL) {
        if (tensors.isEmpty()) {
          tensors = tensors(checkpoint.get(name));
        }
      }
    }
    if (tensors.isEmpty()) {
      throw new GradusException(
          file
              + " holds "
              + (root instanceof Map<?, ?> map ? "a dictionary of " + names(map) : "no dictionary")
              + ", but no tensors by name, nor below "
              + String.join(", ", USUAL)
              + ". Save the weights alone: torch.save(model.state_dict(), FILE).");
    }
    if (!tensors.keySet().stream().allMatch(name -> name.startsWith(PARALLEL))) {
      return tensors;
    }
    Map<String, TorchTensor> plain = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> plain.put(name.substring(PARALLEL.length()), tensor));
    return plain;
  }

  private static Map<String, TorchTensor> tensors(Object value) {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (name, entry) -> {
            if (name instanceof String text && entry instanceof TorchTensor tensor) {
              tensors.put(text, tensor);
            }
          });
    }
    return tensors;
  }

  private static String names(Map<?, ?> map) {
    return map.keySet().stream()
        .limit(SHOWN_NAMES)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "[", map.size() > SHOWN_NAMES ? ", ...]" : "]"));
  }
}

package gradus.train;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.optim.Optimizer;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import gradus.weights.Weight;
import gradus.weights.WeightSnapshot;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All arrays of a run that a checkpoint holds, by name. */
final class RunArrays {
  private final Backend backend;
  private final Map<String, Slot> slots = new LinkedHashMap<>();

  private record Slot(Buffer buffer, Shape shape) {}

  RunArrays(Model model, Optimizer optimizer) {
    backend = model.backend();
    for (Parameter parameter : model.state()) {
      slots.put("model." + parameter.name(), new Slot(parameter.value(), parameter.shape()));
    }
    for (int i = 0; i < optimizer.state().size(); i++) {
      addFlat("optimizer." + i, optimizer.state().get(i));
    }
  }

  /** Adds a second set of weights; null is ignored. */
  RunArrays add(String name, WeightSnapshot snapshot) {
    if (snapshot != null) {
      addFlat(name + ".values", snapshot.values());
      addFlat(name + ".statistics", snapshot.statistics());
    }
    return this;
  }

  private void addFlat(String name, Buffer buffer) {
    slots.put(name, new Slot(buffer, Shape.of(Math.toIntExact(buffer.elements()))));
  }

  /** Copies of all of them on the host. */
  Map<String, Weight> read() {
    Map<String, Weight> arrays = new LinkedHashMap<>();
    slots.forEach(
        (name, slot) -> {
          FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(slot.shape.size()));
          backend.memory().copyOut(slot.buffer, slot.shape, Placement.DENSE, values);
          arrays.put(name, new Weight(slot.shape, values.clear()));
        });
    return arrays;
  }

  /**
   * Sets all of them.
   *
   * @throws GradusException listing all that does not fit; nothing is then changed
   */
  void write(Path file, Map<String, Weight> arrays) {
    List<String> wrong = new ArrayList<>();
    slots.forEach(
        (name, slot) -> {
          Weight stored = arrays.get(name);
          if (stored == null) {
            wrong.add(name + " is missing");
          } else if (!stored.shape().equals(slot.shape)) {
            wrong.add(name + " is " + stored.shape() + ", not " + slot.shape);
          }
        });
    arrays.keySet().stream()
        .filter(name -> !slots.containsKey(name))
        .forEach(name -> wrong.add(name + " is unexpected"));
    if (!wrong.isEmpty()) {
      throw new GradusException(
          file
              + " is a checkpoint of another run: "
              + String.join(", ", wrong)
              + ". Build the same model and optimizer as then, or choose another folder.");
    }
    slots.forEach(
        (name, slot) ->
            backend
                .memory()
                .copyIn(
                    arrays.get(name).values().clear(), slot.buffer, slot.shape, Placement.DENSE));
  }
}

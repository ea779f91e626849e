package gradus.examples.command;

import gradus.backend.Backend;
import gradus.layer.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The backends a run computes on, the first of which leads, and copies of its model on the others.
 */
final class Devices implements AutoCloseable {
  private final List<Backend> backends = new ArrayList<>();
  private final List<Model> copies = new ArrayList<>();

  /** One device, so far. */
  Devices(Backend leader) {
    backends.add(leader);
  }

  void add(Backend other) {
    backends.add(other);
  }

  Backend leader() {
    return backends.get(0);
  }

  /** A model on each of the others. */
  List<Model> copies(Function<Backend, Model> build) {
    for (Backend other : backends.subList(1, backends.size())) {
      copies.add(build.apply(other));
    }
    return List.copyOf(copies);
  }

  @Override
  public void close() {
    copies.forEach(Model::close);
    backends.forEach(Backend::close);
  }
}

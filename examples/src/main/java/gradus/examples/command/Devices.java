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

  /** What each of them is. */
  List<String> describe() {
    return backends.stream().map(Backend::describe).toList();
  }

  /** All of them, even where one does not close. */
  @Override
  public void close() {
    List<Runnable> closing = new ArrayList<>();
    copies.forEach(copy -> closing.add(copy::close));
    backends.forEach(backend -> closing.add(backend::close));
    RuntimeException first = null;
    for (Runnable close : closing) {
      try {
        close.run();
      } catch (RuntimeException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}

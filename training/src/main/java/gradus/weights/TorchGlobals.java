package gradus.weights;

import gradus.GradusException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The few names that mean something in the pickle of a state dict, and what they come to here. */
final class TorchGlobals implements PickleReader.Globals {
  private final String where;
  private final Map<String, TorchStorage> storages = new LinkedHashMap<>();

  TorchGlobals(String where) {
    this.where = where;
  }

  /** The storages that were referred to, by key. */
  Map<String, TorchStorage> storages() {
    return Collections.unmodifiableMap(storages);
  }

  @Override
  public boolean knows(String name) {
    return switch (name) {
      case "collections.OrderedDict",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_parameter",
          "torch.jit._pickle.restore_type_tag" ->
          true;
      default -> TorchStorage.Format.ofClass(name) != null;
    };
  }

  @Override
  public Object call(String name, List<?> arguments) {
    return switch (name) {
      case "collections.OrderedDict" -> {
        require(arguments.isEmpty(), name, arguments);
        yield new LinkedHashMap<>();
      }
      case "torch._utils._rebuild_tensor_v2" -> tensor(name, arguments);
      case "torch._utils._rebuild_parameter" -> {
        require(arguments.size() == 3, name, arguments);
        require(arguments.get(0) instanceof TorchTensor, name, arguments);
        yield arguments.get(0);
      }
      case "torch.jit._pickle.restore_type_tag" -> { // a collection, and its type in TorchScript
        require(arguments.size() == 2, name, arguments);
        yield arguments.get(0);
      }
      default -> throw new GradusException(where + " calls " + name + ", which is no function.");
    };
  }

  private TorchTensor tensor(String name, List<?> arguments) {
    require(arguments.size() == 6 || arguments.size() == 7, name, arguments);
    // A seventh says whether the view is conjugated or negated.
    require(arguments.size() == 6 || isNothing(arguments.get(6)), name, arguments);
    require(arguments.get(0) instanceof TorchStorage, name, arguments);
    require(arguments.get(1) instanceof Long, name, arguments);
    return new TorchTensor(
        (TorchStorage) arguments.get(0),
        (Long) arguments.get(1),
        longs(name, arguments, 2),
        longs(name, arguments, 3));
  }

  private static boolean isNothing(Object value) {
    return value == null || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private List<Long> longs(String name, List<?> arguments, int position) {
    require(
        arguments.get(position) instanceof List<?> list
            && list.size() <= TorchTensor.MAX_RANK // before it is copied: many may share one
            && list.stream().allMatch(Long.class::isInstance),
        name,
        arguments);
    return ((List<?>) arguments.get(position)).stream().map(Long.class::cast).toList();
  }

  /**
   * The tuple {@code ('storage', torch.FloatStorage, '0', 'cpu', 24)}; the device is no matter. A
   * sixth part was of views of storages, long ago.
   */
  @Override
  public Object persistent(Object id) {
    if (id instanceof List<?> parts
        && parts.size() > 1
        && parts.get(1) instanceof PickleReader.Other unknown) {
      return unknown;
    }
    if (id instanceof List<?> parts
        && (parts.size() == 5 || (parts.size() == 6 && parts.get(5) == null))
        && "storage".equals(parts.get(0))
        && parts.get(1) instanceof PickleReader.Global format
        && TorchStorage.Format.ofClass(format.name()) != null
        && parts.get(2) instanceof String key
        && parts.get(4) instanceof Long elements) {
      TorchStorage storage =
          new TorchStorage(key, TorchStorage.Format.ofClass(format.name()), elements);
      storages.putIfAbsent(key, storage);
      return storage;
    }
    throw new GradusException(where + " refers to something outside that is no storage.");
  }

  private void require(boolean holds, String name, List<?> arguments) {
    if (!holds) {
      throw new GradusException(
          where
              + " calls "
              + name
              + " with "
              + arguments.size()
              + " arguments that are not understood.");
    }
  }
}

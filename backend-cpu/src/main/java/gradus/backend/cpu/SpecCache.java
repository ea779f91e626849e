package gradus.backend.cpu;

import gradus.GradusException;
import gradus.kernels.Kernels;
import gradus.tensor.Precision;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;

/**
 * Native copies of spec records, made once each: the fields in order, as 32-bit integers and floats
 * ({@code specs.h}). Looking one up allocates nothing.
 */
final class SpecCache {
  /** Far more than the layers of a network times its batch sizes; beyond it, begin anew. */
  private static final int MOST_SPECS = 10_000;

  private final Map<Record, Long> addresses = new HashMap<>();

  /**
   * The address of the native copy. It may lapse at the next call of this method with a new spec.
   */
  long address(Record spec) {
    Long known = addresses.get(spec);
    return known != null ? known : add(spec);
  }

  /** The addresses of two specs used together. */
  long addressBeside(Record spec, Record other) {
    address(other);
    return address(spec);
  }

  private long add(Record spec) {
    if (addresses.size() >= MOST_SPECS) {
      clear();
    }
    int[] fields = fields(spec);
    long address = Kernels.spec(fields, fields.length);
    if (address == 0) {
      throw new GradusException("There is no native memory left for the parameters of " + spec);
    }
    addresses.put(spec, address);
    return address;
  }

  private static int[] fields(Record spec) {
    RecordComponent[] components = spec.getClass().getRecordComponents();
    int[] fields = new int[components.length];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = bits(spec, components[i]);
    }
    return fields;
  }

  private static int bits(Record spec, RecordComponent component) {
    Object value;
    try {
      value = component.getAccessor().invoke(spec);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(spec + " hides " + component, impossible);
    }
    if (value instanceof Integer number) {
      return number;
    }
    if (value instanceof Float number) {
      return Float.floatToRawIntBits(number);
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    if (value instanceof Precision factors) {
      return factors == Precision.BF16 ? 1 : 0;
    }
    throw new IllegalStateException(component + " has no native form");
  }

  void clear() {
    addresses.values().forEach(Kernels::free);
    addresses.clear();
  }
}

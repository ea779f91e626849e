package gradus.bench.page;

import gradus.bench.record.LimitMeasurement;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The machine's limits, to set other figures beside. */
final class Peaks {
  private static final String MULTIPLY_ADD = "fma-";

  private final List<LimitMeasurement> limits;

  Peaks(List<LimitMeasurement> limits) {
    this.limits = limits;
  }

  /** A limit by its name, if it was measured with so many threads. */
  Optional<Rate> named(String name, int threads) {
    List<LimitMeasurement> own =
        limits.stream().filter(l -> l.name().equals(name) && l.threads() == threads).toList();
    return own.isEmpty() ? Optional.empty() : Optional.of(Rate.of(own, LimitMeasurement::value));
  }

  /** Multiply-adds of an instruction set; {@code best} is the one with most of them. */
  Optional<Rate> multiplyAdd(String isa, int threads) {
    if (!isa.equals("best")) {
      return named(MULTIPLY_ADD + isa, threads);
    }
    return limits.stream()
        .map(LimitMeasurement::name)
        .filter(name -> name.startsWith(MULTIPLY_ADD))
        .distinct()
        .flatMap(name -> named(name, threads).stream())
        .max(Comparator.comparingDouble(Rate::median));
  }
}

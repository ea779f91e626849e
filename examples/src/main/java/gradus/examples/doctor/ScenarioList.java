package gradus.examples.doctor;

import java.util.List;
import java.util.stream.Stream;

/** Which scenarios are run. */
public enum ScenarioList {
  /** {@link Scenarios#known}. */
  PUBLIC,
  /** {@link Scenarios#further}. */
  FURTHER,
  /** {@link Scenarios#natural}. */
  NATURAL,
  /** The public and the further ones. */
  ALL;

  /** The scenarios, in order. */
  public List<Scenario> of(Scenarios scenarios) {
    return switch (this) {
      case PUBLIC -> scenarios.known();
      case FURTHER -> scenarios.further();
      case NATURAL -> scenarios.natural();
      case ALL -> Stream.of(scenarios.known(), scenarios.further()).flatMap(List::stream).toList();
    };
  }
}

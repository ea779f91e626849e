package gradus.examples.doctor;

import java.util.List;
import java.util.stream.Stream;

/** Which scenarios are run. */
public enum ScenarioList {
  /** {@link Scenarios#known}. */
  PUBLIC,
  /** {@link Scenarios#further}. */
  FURTHER,
  /** Both. */
  ALL;

  /** The scenarios, in order. */
  public List<Scenario> of(Scenarios scenarios) {
    return switch (this) {
      case PUBLIC -> scenarios.known();
      case FURTHER -> scenarios.further();
      case ALL -> Stream.of(scenarios.known(), scenarios.further()).flatMap(List::stream).toList();
    };
  }
}

package gradus.bench.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** One line of a file of measurements; each says on its own where it comes from. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LimitMeasurement.class, name = "limit"),
  @JsonSubTypes.Type(value = OpMeasurement.class, name = "op"),
  @JsonSubTypes.Type(value = StepMeasurement.class, name = "step"),
  @JsonSubTypes.Type(value = ProfileMeasurement.class, name = "profile"),
  @JsonSubTypes.Type(value = WatchMeasurement.class, name = "watch"),
  @JsonSubTypes.Type(value = ScaleMeasurement.class, name = "scale")
})
public sealed interface Measurement
    permits LimitMeasurement,
        OpMeasurement,
        StepMeasurement,
        ProfileMeasurement,
        WatchMeasurement,
        ScaleMeasurement {
  /** Where and when. */
  Origin origin();

  /**
   * How much of one processor others used meanwhile, from 0; above {@link #QUIET} it counts as
   * disturbed.
   */
  double disturbance();

  /** The disturbance from which on a figure is not to be trusted. */
  double QUIET = 0.06;

  /** Whether nobody else computed. */
  default boolean quiet() {
    return disturbance() <= QUIET;
  }
}

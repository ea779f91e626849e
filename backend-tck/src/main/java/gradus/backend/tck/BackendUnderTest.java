package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.tensor.Precision;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What the parts of the kit ask of a backend's test. */
public interface BackendUnderTest {
  /** A new instance of the backend. The kit closes it. */
  Backend open(BackendOptions options);

  /** What the backend declares it cannot do; the checks of these are skipped and counted. */
  default Set<Feature> unsupported() {
    return Set.of();
  }

  /** The mixed precisions it trains in. */
  default Stream<Precision> mixedPrecisions() {
    return Stream.of(Precision.values())
        .filter(Precision::isMixed)
        .filter(precision -> !unsupported().contains(Feature.of(precision)));
  }

  /** Skips the calling test, with the reason, where the backend declares it lacks the feature. */
  default void require(Feature feature) {
    Assumptions.assumeFalse(
        unsupported().contains(feature),
        () -> "the backend declares it does not support " + feature);
  }
}

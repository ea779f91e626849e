package gradus.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One set of settings to try.
 *
 * @param number from 1
 * @param settings by the names of their dimensions, in their order
 */
public record Trial(int number, Map<String, String> settings) {
  /** Keeps its own copy. */
  public Trial {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }
}

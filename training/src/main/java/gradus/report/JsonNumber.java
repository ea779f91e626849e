package gradus.report;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Numbers in the JSON of a run: what is not finite is null, because JSON knows no NaN. */
public final class JsonNumber {
  private JsonNumber() {}

  /** Puts a number under a name, or null where it is not finite. */
  public static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}

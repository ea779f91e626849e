package gradus.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a run was gone on with, and what it had been until then.
 *
 * @param afterEpoch the last epoch that was kept
 * @param finished whether the run had come to its end, and all of it was kept
 * @param arguments of the command line until then
 * @param changes what was otherwise from then on, by the name of the setting
 */
public record Resumption(
    int afterEpoch, boolean finished, List<String> arguments, Map<String, Change> changes) {
  /** A setting as it had been, and as it was from then on; a dash where there was none. */
  public record Change(String before, String after) {}

  /** What is given is copied. */
  public Resumption {
    arguments = List.copyOf(arguments);
    changes = Collections.unmodifiableMap(new LinkedHashMap<>(changes)); // in their order
  }

  void write(ObjectNode node) {
    node.put("after_epoch", afterEpoch);
    node.put("finished", finished);
    ArrayNode words = node.putArray("arguments");
    arguments.forEach(words::add);
    ObjectNode changed = node.putObject("changes");
    changes.forEach(
        (name, change) ->
            changed.putObject(name).put("before", change.before()).put("after", change.after()));
  }

  static Resumption read(JsonNode node) {
    List<String> arguments = new ArrayList<>();
    node.path("arguments").forEach(argument -> arguments.add(argument.asText()));
    Map<String, Change> changes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> change : node.path("changes").properties()) {
      JsonNode values = change.getValue();
      changes.put(
          change.getKey(),
          new Change(values.path("before").asText(), values.path("after").asText()));
    }
    return new Resumption(
        node.path("after_epoch").asInt(), node.path("finished").asBoolean(), arguments, changes);
  }
}

package gradus.report;

import com.fasterxml.jackson.databind.JsonNode;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the training doctor found in a run, from the files of the run: of one that has ended what
 * its record says, of one that goes on or was killed what it had found by then.
 *
 * @param watched whether a doctor watched it; without one, no finding means nothing
 * @param all the cause first, then mechanisms, then notes
 */
record RunFindings(boolean watched, List<Finding> all) {
  private static final String OFF = "off";

  /** The list is copied, and ordered by role; within a role the order stays. */
  RunFindings {
    List<Finding> ordered = new ArrayList<>();
    for (Finding.Role role : Finding.Role.values()) {
      all.stream().filter(finding -> finding.role() == role).forEach(ordered::add);
    }
    all = List.copyOf(ordered);
  }

  /**
   * Puts them together.
   *
   * @param run the record, or a null node
   * @param found one by one while the run went on
   */
  static RunFindings of(JsonNode run, List<Finding> found) {
    JsonNode recorded = run.path("findings");
    if (recorded.isArray()) {
      return new RunFindings(true, FindingJson.readAll(recorded));
    }
    String mode = run.at("/configuration/doctor").asText(OFF);
    return new RunFindings(!found.isEmpty() || !mode.equals(OFF), newest(found));
  }

  /** Of each diagnosis what was said last: a note may have become the cause since. Causes first. */
  private static List<Finding> newest(List<Finding> found) {
    Map<Diagnosis, Finding> newest = new EnumMap<>(Diagnosis.class);
    found.forEach(finding -> newest.put(finding.diagnosis(), finding));
    return List.copyOf(newest.values());
  }
}

package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FindingJsonTest {
  private static Finding written(Finding finding) throws IOException {
    return FindingJson.read(new ObjectMapper().readTree(FindingJson.of(finding).toString()));
  }

  @Test
  void aFindingThatIsWrittenAndReadIsTheSame() throws IOException {
    assertEquals(MadeUpFindings.MECHANISM, written(MadeUpFindings.MECHANISM));
    assertEquals(MadeUpFindings.NOTE, written(MadeUpFindings.NOTE));
    Finding cause = written(MadeUpFindings.CAUSE);
    assertEquals(MadeUpFindings.CAUSE.cause(), cause.cause());
    assertEquals(MadeUpFindings.CAUSE.remedy(), cause.remedy());
    assertEquals(1234, cause.step());
    assertNull(cause.evidence().get(1).chart());
    List<Double> trial = cause.evidence().get(0).chart().lines().get(0).y();
    assertEquals(40, trial.size());
    assertEquals(2.31 * Math.exp(39 * 0.026), trial.get(39), 1e-4, "five digits are kept");
    assertTrue(cause.evidence().get(0).chart().logarithmic());
    List<Double> run = cause.evidence().get(2).chart().lines().get(0).y();
    assertEquals(List.of(2.3, 4.5, 7.25, 8.0, Double.NaN), run, "JSON knows no infinity");
  }

  @Test
  void aFindingWithoutARemedyOrSymptomHasNullThere() throws IOException {
    Finding bare =
        new Finding(
            MadeUpFindings.NOTE.diagnosis(), Finding.Role.NOTE, 0, null, "", List.of(), null, 0, 0);
    assertEquals(bare, written(bare));
    JsonNode json = FindingJson.of(bare);
    assertTrue(json.get("remedy").isNull() && json.get("symptom").isNull(), json.toString());
  }

  @Test
  void aDiagnosisOfANewerVersionIsNamed() {
    ObjectNode json = FindingJson.of(MadeUpFindings.NOTE).put("diagnosis", "TOO_MUCH_COFFEE");
    String message = assertThrows(GradusException.class, () -> FindingJson.read(json)).getMessage();
    assertTrue(message.contains("TOO_MUCH_COFFEE"), message);
  }

  /** docs/run-files.md has a row for each name, in the order of the file. */
  @Test
  void theSchemaIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/run-files.md"));
    String section = page.substring(page.indexOf("## A finding"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    List<String> documented =
        Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE)
            .matcher(section)
            .results()
            .map(row -> row.group(1))
            .toList();
    List<String> written = new ArrayList<>();
    JsonNode json = FindingJson.of(MadeUpFindings.CAUSE);
    json.fieldNames().forEachRemaining(written::add);
    assertEquals(written, documented);
    for (JsonNode part :
        List.of(
            json.at("/evidence/0"),
            json.at("/evidence/0/chart"),
            json.at("/evidence/0/chart/lines/0"),
            json.get("remedy"))) {
      for (var names = part.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        assertTrue(section.contains("`" + name + "`"), name + " is not documented");
      }
    }
  }
}

package gradus.bench.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** JSON lines, one measurement each; written one by one, so that a run cut off keeps its lines. */
public final class MeasurementFile {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

  private final Path path;

  /** A file that may exist already; its folder must. */
  public MeasurementFile(Path path) {
    this.path = path;
  }

  /** Adds a line. */
  public void append(Measurement measurement) {
    try {
      Files.writeString(
          path,
          MAPPER.writerFor(Measurement.class).writeValueAsString(measurement) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new GradusException("Cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  /** All lines, in order. */
  public List<Measurement> read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + path + ": " + e.getMessage(), e);
    }
    List<Measurement> measurements = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      try {
        measurements.add(MAPPER.readValue(lines.get(i), Measurement.class));
      } catch (JsonProcessingException e) {
        throw new GradusException(
            path + ", line " + (i + 1) + " is no measurement: " + e.getOriginalMessage(), e);
      }
    }
    return measurements;
  }
}

package gradus.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A checkpoint as a safetensors file: the arrays, and in its metadata the {@link RunState} as JSON
 * and a checksum (CRC-32C) of both.
 */
record CheckpointFile(RunState state, Map<String, Weight> arrays) {
  private static final String STATE = "gradus.run_state";
  private static final String CHECKSUM = "gradus.crc32c";
  private static final ObjectMapper JSON = new ObjectMapper();

  int epoch() {
    return state.epoch();
  }

  void write(Path file) {
    String json;
    try {
      json = JSON.writeValueAsString(state);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The state of the run is not representable as JSON.", e);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(STATE, json);
    metadata.put(CHECKSUM, checksum(json, arrays));
    SafeTensors.write(file, arrays, metadata);
  }

  /**
   * Reads one.
   *
   * @throws GradusException naming the file if it is not whole or not a checkpoint
   */
  static CheckpointFile read(Path file) {
    try (SafeTensors stored = SafeTensors.open(file, SafeTensors.NonFinite.ALLOW)) {
      String json = stored.metadata().get(STATE);
      if (json == null) {
        throw new GradusException(
            file + " has no state of a run: it is a file of weights, not a checkpoint.");
      }
      Map<String, Weight> arrays = new LinkedHashMap<>();
      for (String name : stored.names()) {
        arrays.put(name, stored.read(name));
      }
      String expected = stored.metadata().get(CHECKSUM);
      String found = checksum(json, arrays);
      if (!found.equals(expected)) {
        throw new GradusException(
            file
                + " is damaged: its checksum is "
                + found
                + " where it should be "
                + expected
                + ".");
      }
      return new CheckpointFile(parse(file, json), arrays);
    }
  }

  private static RunState parse(Path file, String json) {
    try {
      int format = JSON.readTree(json).path("format").asInt();
      if (format != RunState.FORMAT) {
        throw new GradusException(
            file
                + " has the checkpoint format "
                + format
                + ", but this version reads "
                + RunState.FORMAT
                + ". Go on with the version that wrote it.");
      }
      return JSON.readValue(json, RunState.class);
    } catch (JsonProcessingException e) {
      throw new GradusException(file + ": the state of the run is not readable: " + e, e);
    }
  }

  private static String checksum(String json, Map<String, Weight> arrays) {
    CRC32C crc = new CRC32C();
    crc.update(json.getBytes(StandardCharsets.UTF_8));
    for (Weight weight : arrays.values()) {
      int count = (int) weight.shape().size();
      ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(0, weight.values(), 0, count);
      crc.update(bytes);
    }
    return Long.toHexString(crc.getValue());
  }
}

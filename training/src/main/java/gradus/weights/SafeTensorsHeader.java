package gradus.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON at the start of a safetensors file as a stream, and believes nothing: whatever it
 * says must agree with the length of the data that follows.
 */
final class SafeTensorsHeader {
  private static final int MAX_RANK = 16;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final long dataBytes;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafeTensorsHeader(Path file, long dataBytes) {
    this.file = file;
    this.dataBytes = dataBytes;
  }

  static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) {
    SafeTensorsHeader header = new SafeTensorsHeader(file, dataBytes);
    try (JsonParser parser = JSON.createParser(json)) {
      header.readAll(parser);
    } catch (IOException e) {
      throw new GradusException(
          file
              + ": the header is no valid JSON ("
              + firstLine(e.getMessage())
              + "). Is it a safetensors file?",
          e);
    }
    header.requireGapless();
    return header;
  }

  Map<String, TensorEntry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void readAll(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new GradusException(file + ": the header is no JSON object. Is it a safetensors file?");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("__metadata__")) {
        readMetadata(parser);
      } else {
        entries.put(name, readEntry(parser, name));
      }
    }
    if (parser.nextToken() != null) {
      throw new GradusException(file + ": the header goes on after its end.");
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    requireToken(parser, JsonToken.START_OBJECT, "__metadata__", "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      requireToken(parser, JsonToken.VALUE_STRING, "__metadata__", "an object of strings");
      metadata.put(key, parser.getText());
    }
  }

  private TensorEntry readEntry(JsonParser parser, String name) throws IOException {
    requireToken(parser, JsonToken.START_OBJECT, name, "an object");
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> {
          requireToken(parser, JsonToken.VALUE_STRING, name, "an object whose dtype is a string");
          type = parser.getText();
        }
        case "shape" -> shape = readNumbers(parser, name, key, MAX_RANK);
        case "data_offsets" -> offsets = readNumbers(parser, name, key, 2);
        default -> throw wrong(name, "has an unknown property '" + key + "'");
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw wrong(name, "needs a dtype, a shape, and two data_offsets");
    }
    return checked(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private List<Long> readNumbers(JsonParser parser, String name, String key, int most)
      throws IOException {
    requireToken(parser, JsonToken.START_ARRAY, name, "an object whose " + key + " is a list");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw wrong(
            name, "has " + parser.getText() + " in its " + key + ", which is no length or offset");
      }
      if (numbers.size() == most) {
        throw wrong(name, "has more than " + most + " numbers in its " + key);
      }
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  private TensorEntry checked(
      String name, String typeName, List<Long> shape, long begin, long end) {
    StoredType type = StoredType.named(typeName);
    if (type == null) {
      throw wrong(name, "is stored as " + typeName + ", which cannot be read as float32");
    }
    int[] extents = new int[shape.size()];
    long values = 1;
    for (int d = 0; d < extents.length; d++) {
      long extent = shape.get(d);
      if (extent < 1 || extent > Integer.MAX_VALUE || values > Integer.MAX_VALUE / extent) {
        throw wrong(
            name,
            "has the shape "
                + shape
                + "; every extent must be at least 1, and there may be at most "
                + Integer.MAX_VALUE
                + " values");
      }
      extents[d] = (int) extent;
      values *= extent;
    }
    if (end < begin || end > dataBytes) {
      throw wrong(
          name,
          "claims the bytes "
              + begin
              + " to "
              + end
              + " of the data, which has "
              + dataBytes
              + "; the file is truncated or damaged");
    }
    if (end - begin != values * type.bytes()) {
      throw wrong(
          name,
          "has the shape "
              + shape
              + " of "
              + type
              + ", which takes "
              + values * type.bytes()
              + " bytes, but claims "
              + (end - begin));
    }
    return new TensorEntry(type, Shape.of(extents), begin, end);
  }

  /**
   * Bytes that belong to no tensor, or to two, mean that the header or the file is not what it was.
   */
  private void requireGapless() {
    List<Map.Entry<String, TensorEntry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(Comparator.comparingLong(e -> e.getValue().begin()));
    long expected = 0;
    for (Map.Entry<String, TensorEntry> entry : inOrder) {
      long begin = entry.getValue().begin();
      if (begin != expected) {
        throw wrong(
            entry.getKey(),
            begin < expected
                ? "begins at byte "
                    + begin
                    + " of the data, inside the tensor before it, which ends at "
                    + expected
                : "begins at byte "
                    + begin
                    + " of the data, but the tensor before it ends at "
                    + expected
                    + ": there is a hole");
      }
      expected = entry.getValue().end();
    }
    if (expected != dataBytes) {
      throw new GradusException(
          file
              + ": the last tensor ends at byte "
              + expected
              + " of the data, but there are "
              + dataBytes
              + " bytes. The file is damaged.");
    }
  }

  private void requireToken(JsonParser parser, JsonToken token, String name, String what) {
    if (parser.currentToken() != token) {
      throw wrong(name, "must be " + what);
    }
  }

  private GradusException wrong(String tensor, String problem) {
    return new GradusException(file + ": the tensor '" + tensor + "' " + problem + ".");
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}

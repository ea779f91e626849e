package gradus.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Typed access to what Gradus stores beside weights: the entries of a file's metadata whose names
 * begin with {@code gradus.}, each of which is JSON.
 *
 * @param file names the file in errors
 * @param metadata of the file
 */
public record StoredSettings(Path file, Map<String, String> metadata) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "gradus.";

  /** Keeps its own copy. */
  public StoredSettings {
    metadata = Map.copyOf(metadata);
  }

  /** Puts a value among the metadata to store. */
  public static void put(Map<String, String> metadata, String name, Object value) {
    try {
      metadata.put(PREFIX + name, JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(name + " cannot be written as JSON: " + value, e);
    }
  }

  /**
   * What a file of weights says beside them; nothing where PyTorch wrote it.
   *
   * @throws gradus.GradusException if it cannot be read
   */
  public static StoredSettings read(Path file) {
    try (StoredWeights stored = StoredWeights.open(file)) {
      return new StoredSettings(file, stored.metadata());
    }
  }

  /** Whether there is such a setting, though it may be null. */
  public boolean has(String name) {
    return metadata.containsKey(PREFIX + name);
  }

  /**
   * A setting, or null where null was stored.
   *
   * @throws GradusException if it is missing or not of this type
   */
  public <T> T get(String name, Class<T> type) {
    String text = metadata.get(PREFIX + name);
    if (text == null) {
      throw new GradusException(
          file
              + " does not say its \""
              + PREFIX
              + name
              + "\": it was not written by gradus train. Load such a file with StateDict.load in"
              + " a program of your own.");
    }
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw damaged(name, "is damaged: " + text, e);
    }
  }

  /**
   * A setting that is not null.
   *
   * @throws GradusException if it is missing, null or not of this type
   */
  public <T> T require(String name, Class<T> type) {
    T value = get(name, type);
    if (value == null) {
      throw damaged(name, "is empty", null);
    }
    return value;
  }

  private GradusException damaged(String name, String problem, Throwable cause) {
    return new GradusException(
        file + ": \"" + PREFIX + name + "\" " + problem + ". Train again.", cause);
  }
}

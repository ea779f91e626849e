package gradus.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

/**
 * Reads event files independently of what writes them: the framing by hand, with a checksum
 * computed bit by bit, and the events by TensorFlow's own classes.
 */
final class EventReader {
  private static final int POLYNOMIAL = 0x82f63b78; // Castagnoli's, reflected

  private EventReader() {}

  static List<Event> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertEquals(masked(crc32c(length)), bytes.getInt(), "checksum of a length");
      byte[] record = new byte[ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt(0)];
      bytes.get(record);
      assertEquals(masked(crc32c(record)), bytes.getInt(), "checksum of a record");
      events.add(Event.parseFrom(record));
    }
    return events;
  }

  /** Every value of a tag, by step. */
  static Map<Long, Summary.Value> values(List<Event> events, String tag) {
    Map<Long, Summary.Value> values = new TreeMap<>();
    for (Event event : events) {
      for (Summary.Value value : event.getSummary().getValueList()) {
        if (value.getTag().equals(tag)) {
          assertEquals(null, values.put(event.getStep(), value), tag + " twice in one step");
        }
      }
    }
    return values;
  }

  /** The numbers of a curve, by step. */
  static Map<Long, Float> curve(List<Event> events, String tag) {
    Map<Long, Float> curve = new TreeMap<>();
    values(events, tag).forEach((step, value) -> curve.put(step, value.getSimpleValue()));
    return curve;
  }

  static int crc32c(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
      }
    }
    return ~crc;
  }

  static int masked(int crc) {
    return (int) (((crc & 0xffffffffL) >>> 15 | (long) crc << 17) + 0xa282ead8L);
  }
}

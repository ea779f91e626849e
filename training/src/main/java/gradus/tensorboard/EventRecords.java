package gradus.tensorboard;

import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * TensorFlow's TFRecord framing: the length of a record, a checksum of the length, the record, a
 * checksum of the record; all little-endian.
 */
final class EventRecords implements Closeable, Flushable {
  private static final int MASK = 0xa282ead8;

  private final OutputStream out;

  EventRecords(OutputStream out) {
    this.out = out;
  }

  void write(byte[] record) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    header.order(ByteOrder.LITTLE_ENDIAN).putLong(record.length);
    header.putInt(maskedChecksum(header.array(), Long.BYTES));
    ByteBuffer footer = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    footer.putInt(maskedChecksum(record, record.length));
    out.write(header.array());
    out.write(record);
    out.write(footer.array());
  }

  /** A checksum of data that holds checksums would be weak, so the format rotates and shifts it. */
  static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

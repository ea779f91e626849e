package gradus.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A message of <a href="https://protobuf.dev">protocol buffers</a> that is put together field by
 * field, by the numbers of its .proto file, in the order of the calls. A repeated field is one call
 * for each element.
 *
 * <pre>{@code
 * ProtoMessage dimension = new ProtoMessage().int64(1, 32);
 * byte[] shape = new ProtoMessage().message(1, dimension).toByteArray();
 * }</pre>
 *
 * <p>Messages are put into each other without copying their content, so that one may hold a
 * network's weights; 2 GiB is the most.
 */
public final class ProtoMessage {
  private static final int WIRE_TYPE_BYTES = 2;

  private ByteString content = ByteString.EMPTY;

  /** An int32, int64, bool or enum field. */
  public ProtoMessage int64(int field, long value) {
    int size = CodedOutputStream.computeInt64Size(field, value);
    return append(size, out -> out.writeInt64(field, value));
  }

  /** A packed, repeated int64 field. */
  public ProtoMessage int64s(int field, long... values) {
    int size = 0;
    for (long value : values) {
      size += CodedOutputStream.computeInt64SizeNoTag(value);
    }
    byte[] packed =
        written(
            size,
            out -> {
              for (long value : values) {
                out.writeInt64NoTag(value);
              }
            });
    return bytes(field, packed);
  }

  /** A float field. */
  public ProtoMessage float32(int field, float value) {
    int size = CodedOutputStream.computeFloatSize(field, value);
    return append(size, out -> out.writeFloat(field, value));
  }

  /** A double field. */
  public ProtoMessage float64(int field, double value) {
    int size = CodedOutputStream.computeDoubleSize(field, value);
    return append(size, out -> out.writeDouble(field, value));
  }

  /** A packed, repeated float field, or a bytes field of numbers in little-endian order. */
  public ProtoMessage float32s(int field, float... values) {
    ByteBuffer packed =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    packed.asFloatBuffer().put(values);
    return bytes(field, packed.array());
  }

  /** A packed, repeated double field. */
  public ProtoMessage float64s(int field, double... values) {
    ByteBuffer packed =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    packed.asDoubleBuffer().put(values);
    return bytes(field, packed.array());
  }

  /** A string field. */
  public ProtoMessage text(int field, String value) {
    int size = CodedOutputStream.computeStringSize(field, value);
    return append(size, out -> out.writeString(field, value));
  }

  /** A bytes field; the array belongs to the message from here on. */
  public ProtoMessage bytes(int field, byte[] value) {
    return put(field, UnsafeByteOperations.unsafeWrap(value));
  }

  /** A field that holds another message, as that one is now. */
  public ProtoMessage message(int field, ProtoMessage value) {
    return put(field, value.content);
  }

  /** All fields of another message, after those that are here. */
  public ProtoMessage append(ProtoMessage other) {
    content = content.concat(other.content);
    return this;
  }

  /** The message in bytes. */
  public byte[] toByteArray() {
    return content.toByteArray();
  }

  /** How many bytes it has. */
  public int size() {
    return content.size();
  }

  /** Writes the message, without a length before it. */
  public void writeTo(OutputStream out) throws IOException {
    content.writeTo(out);
  }

  private ProtoMessage put(int field, ByteString value) {
    int size =
        CodedOutputStream.computeTagSize(field)
            + CodedOutputStream.computeUInt32SizeNoTag(value.size());
    append(
        size,
        out -> {
          out.writeTag(field, WIRE_TYPE_BYTES);
          out.writeUInt32NoTag(value.size());
        });
    content = content.concat(value);
    return this;
  }

  private ProtoMessage append(int size, Field field) {
    content = content.concat(UnsafeByteOperations.unsafeWrap(written(size, field)));
    return this;
  }

  private static byte[] written(int size, Field field) {
    byte[] bytes = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      field.writeTo(out);
    } catch (IOException e) {
      throw new AssertionError("An array that was measured before has no room.", e);
    }
    out.checkNoSpaceLeft();
    return bytes;
  }

  private interface Field {
    void writeTo(CodedOutputStream out) throws IOException;
  }
}

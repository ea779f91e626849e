package gradus.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtoMessageTest {
  // The examples of the encoding's own description (protobuf.dev/programming-guides/encoding).
  @Test
  void encodesAsTheDescriptionSays() {
    assertEquals("089601", hex(new ProtoMessage().int64(1, 150)));
    assertEquals("120774657374696e67", hex(new ProtoMessage().text(2, "testing")));
    assertEquals(
        "1a03089601", hex(new ProtoMessage().message(3, new ProtoMessage().int64(1, 150))));
    assertEquals("3206038e029ea705", hex(new ProtoMessage().int64s(6, 3, 270, 86942)));
    assertEquals("08feffffffffffffffff01", hex(new ProtoMessage().int64(1, -2)));
  }

  @Test
  void anotherParserReadsEveryKindOfField() throws InvalidProtocolBufferException {
    ProtoMessage inner = new ProtoMessage().text(1, "äß");
    byte[] bytes =
        new ProtoMessage()
            .float32(1, 1.5f)
            .float64(2, -0.1)
            .float32s(3, 1, 2)
            .float64s(4, 3)
            .bytes(500, new byte[] {7, 8})
            .message(6, inner)
            .message(6, inner)
            .append(new ProtoMessage().int64(7, 9))
            .toByteArray();
    UnknownFieldSet read = UnknownFieldSet.parseFrom(bytes);
    assertEquals(List.of(Float.floatToIntBits(1.5f)), read.getField(1).getFixed32List());
    assertEquals(List.of(Double.doubleToLongBits(-0.1)), read.getField(2).getFixed64List());
    assertEquals(
        ByteString.fromHex("0000803f00000040"), read.getField(3).getLengthDelimitedList().get(0));
    assertEquals(
        ByteString.fromHex("0000000000000840"), read.getField(4).getLengthDelimitedList().get(0));
    assertEquals(ByteString.fromHex("0708"), read.getField(500).getLengthDelimitedList().get(0));
    List<ByteString> inners = read.getField(6).getLengthDelimitedList();
    assertEquals(2, inners.size());
    UnknownFieldSet second = UnknownFieldSet.parseFrom(inners.get(1));
    assertEquals("äß", second.getField(1).getLengthDelimitedList().get(0).toStringUtf8());
    assertEquals(List.of(9L), read.getField(7).getVarintList());
  }

  @Test
  void largeMessagesInEachOtherKeepTheirBytes() throws IOException {
    byte[] large = new byte[300_000];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    ProtoMessage message = new ProtoMessage();
    for (int i = 0; i < 20; i++) {
      message.message(1, new ProtoMessage().bytes(2, large));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    assertEquals(message.size(), out.size());
    UnknownFieldSet read = UnknownFieldSet.parseFrom(out.toByteArray());
    for (ByteString part : read.getField(1).getLengthDelimitedList()) {
      assertArrayEquals(
          large,
          UnknownFieldSet.parseFrom(part)
              .getField(2)
              .getLengthDelimitedList()
              .get(0)
              .toByteArray());
    }
  }

  private static String hex(ProtoMessage message) {
    return HexFormat.of().formatHex(message.toByteArray());
  }
}

package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("model.safetensors");
  }

  /** A file with exactly this header and this many zero bytes of data. */
  private void write(String header, byte... data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    Files.write(file, bytes.array());
  }

  private static float[] values(Weight weight) {
    float[] values = new float[(int) weight.shape().size()];
    weight.values().get(0, values);
    return values;
  }

  @Test
  void comesBackAsItWasWritten() throws IOException {
    Map<String, Weight> weights = new LinkedHashMap<>();
    float[] large = new float[700_001];
    Random random = new Random(1);
    for (int i = 0; i < large.length; i++) {
      large[i] = (float) random.nextGaussian();
    }
    weights.put("conv1.weight", Weight.of(Shape.of(2, 1, 1, 2), 1f, -2f, 3.5f, 1e-40f));
    weights.put("scalar", Weight.of(Shape.SCALAR, 7f));
    weights.put("fc \u00fc\".bias", Weight.of(Shape.of(large.length), large));
    SafeTensors.write(file, weights, Map.of("format", "pt", "epoch", "3"));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(List.copyOf(weights.keySet()), List.copyOf(read.names()));
      assertEquals(Map.of("format", "pt", "epoch", "3"), read.metadata());
      assertEquals("F32", read.storedType("scalar"));
      for (String name : weights.keySet()) {
        assertEquals(weights.get(name).shape(), read.shape(name));
        assertArrayEquals(values(weights.get(name)), values(read.read(name)));
      }
      FloatBuffer direct =
          ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder()).asFloatBuffer();
      read.read("conv1.weight", direct);
      assertEquals(3.5f, direct.get(2));
      assertThrows(GradusException.class, () -> read.read("conv1.weight", FloatBuffer.allocate(3)));
      assertFailure("no tensor 'conv2'", () -> read.read("conv2"));
    }
    // Data at a multiple of 8, little-endian, as the format asks.
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int start = 8 + (int) bytes.getLong(0);
    assertEquals(0, start % 8);
    assertEquals('{', bytes.get(8));
    assertEquals(1f, bytes.getFloat(start));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void readsOtherNumberFormats() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8 + 8 + 4 + 4 + 4).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0.1).putLong(1234567L).putInt(-5);
    // 1.5 and the smallest subnormal; 1 and -2.5.
    data.putShort((short) 0x3e00).putShort((short) 0x0001);
    data.putShort((short) 0x3f80).putShort((short) 0xc020);
    write(
        "{\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]},"
            + "\"i\":{\"dtype\":\"I32\",\"shape\":[1,1],\"data_offsets\":[16,20]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[20,24]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[24,28]}}",
        data.array());
    try (SafeTensors read = SafeTensors.open(file)) {
      assertArrayEquals(new float[] {0.1f}, values(read.read("d")));
      assertArrayEquals(new float[] {1234567f}, values(read.read("n")));
      assertEquals(Shape.SCALAR, read.shape("n"));
      assertArrayEquals(new float[] {-5f}, values(read.read("i")));
      assertArrayEquals(new float[] {1.5f, 0x1p-24f}, values(read.read("h")));
      assertArrayEquals(new float[] {1f, -2.5f}, values(read.read("b")));
    }
  }

  @Test
  void halfPrecisionIsExact() {
    assertEquals(65504f, StoredType.halfToFloat((short) 0x7bff));
    assertEquals(-0f, StoredType.halfToFloat((short) 0x8000));
    assertEquals(-0x1p-14f, StoredType.halfToFloat((short) 0x8400));
    assertEquals(Float.NEGATIVE_INFINITY, StoredType.halfToFloat((short) 0xfc00));
    assertTrue(Float.isNaN(StoredType.halfToFloat((short) 0x7e00)));
  }

  @Test
  void refusesNonFiniteValuesUnlessAllowed() {
    Weight weight = Weight.of(Shape.of(3), 1f, Float.NaN, 2f);
    SafeTensors.write(file, Map.of("w", weight), Map.of());
    try (SafeTensors read = SafeTensors.open(file)) {
      assertFailure("'w' has the value NaN at position 1", () -> read.read("w"));
    }
    try (SafeTensors read = SafeTensors.open(file, SafeTensors.NonFinite.ALLOW)) {
      assertTrue(Float.isNaN(read.read("w").values().get(1)));
    }
  }

  /** Headers for 16 bytes of data, and a part of the message each must cause. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,20]}} | truncated or damaged",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,16]}} | takes 12 bytes, but claims 16",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}} | there are 16 bytes",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[4,16]}} | hole",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} | inside the tensor before",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]},'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | Duplicate field 'a'",
        "{'a':{'dtype':'F32','shape':[-4],'data_offsets':[0,16]}} | -4",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[16,0]}} | 16 to 0",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[-16,0]}} | -16",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0]}} | two data_offsets",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,8,16]}} | more than 2",
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}} | at least 1",
        "{'a':{'dtype':'F32','shape':[65536,65536,4],'data_offsets':[0,16]}} | at most",
        "{'a':{'dtype':'F32','shape':[9223372036854775807,3],'data_offsets':[0,16]}} | at most",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,16]}} | 99999999999999999999",
        "{'a':{'dtype':'F32','shape':[4.0],'data_offsets':[0,16]}} | 4.0",
        "{'a':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4],'data_offsets':[0,16]}} | more than 16",
        "{'a':{'dtype':'F8_E4M3','shape':[16],'data_offsets':[0,16]}} | F8_E4M3",
        "{'a':{'dtype':'F32','shape':[4]}} | needs a dtype",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16],'x':1}} | unknown property 'x'",
        "{'a':7} | must be an object",
        "{'__metadata__':{'k':1}} | object of strings",
        "{} | there are 16 bytes",
        "[] | no JSON object",
        "{'a': | no valid JSON",
        "{} {} | goes on after its end"
      })
  void refusesHeadersThatLie(String header, String part) throws IOException {
    write(header.replace('\'', '"'), new byte[16]);
    GradusException e = assertThrows(GradusException.class, () -> SafeTensors.open(file).close());
    String wanted = part.replace('\'', '"');
    assertTrue(e.getMessage().replace('\'', '"').contains(wanted), e.getMessage());
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100_000_001L, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void refusesHeaderLengthsOutOfRange(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(file, bytes.array());
    assertFailure("the header would have", () -> SafeTensors.open(file).close());
  }

  @Test
  void refusesTruncatedFilesAtEveryLength() throws IOException {
    Weight weight = Weight.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    SafeTensors.write(file, Map.of("w", weight), Map.of("a", "b"));
    byte[] whole = Files.readAllBytes(file);
    for (int n = 0; n < whole.length; n++) {
      Files.write(file, Arrays.copyOf(whole, n));
      assertFailure(file.toString(), () -> SafeTensors.open(file).close());
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertFailure("25 bytes", () -> SafeTensors.open(file).close());
  }

  @Test
  void knowsFilesOfPyTorch() {
    for (String name : new String[] {"state_dict.pth", "checkpoint.pth", "legacy.pth"}) {
      assertFailure(
          "./gradus import", () -> SafeTensors.open(TorchFileTest.resource(name)).close());
    }
  }

  @Test
  void explainsMissingFilesAndFolders() {
    assertFailure("There is no weight file", () -> SafeTensors.open(file));
    Path nowhere = folder.resolve("no/model.safetensors");
    assertFailure("Cannot write", () -> SafeTensors.write(nowhere, Map.of(), Map.of()));
    Weight weight = Weight.of(Shape.of(1), 1f);
    assertThrows(
        GradusException.class,
        () -> SafeTensors.write(file, Map.of("__metadata__", weight), Map.of()));
    assertTrue(Files.notExists(file));
  }

  private static void assertFailure(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}

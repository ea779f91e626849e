package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PickleReaderTest {
  /** Knows one function, which returns its arguments. */
  private static final PickleReader.Globals ECHO =
      new PickleReader.Globals() {
        @Override
        public boolean knows(String name) {
          return name.equals("m.echo");
        }

        @Override
        public Object call(String name, List<?> arguments) {
          return arguments;
        }

        @Override
        public Object persistent(Object id) {
          return "outside " + id;
        }
      };

  private static Object read(String pickle) {
    return PickleReader.read("p", ByteBuffer.wrap(TorchBytes.latin(pickle)), ECHO);
  }

  private static void refused(String pickle, String part) {
    String message = assertThrows(GradusException.class, () -> read(pickle)).getMessage();
    assertTrue(message.startsWith("p ") && message.contains(part), message);
  }

  /** As Python's pickle.dumps writes them, protocol 2. */
  @Test
  void readsPlainValues() {
    assertEquals(
        Arrays.asList(null, true, false, 255L, 65535L, -2L, -1L, 0.5, "ü", 0L),
        read(
            "\u0080\u0002](N\u0088\u0089K\u00ffM\u00ff\u00ffJ\u00fe\u00ff\u00ff\u00ff\u008a\u0001"
                + "\u00ffG?\u00e0\0\0\0\0\0\0X\u0002\0\0\0\u00c3\u00bc\u008a\0e."));
    assertEquals(BigInteger.TWO.pow(64), read("\u008a\u0009\0\0\0\0\0\0\0\0\u0001."));
    assertEquals(Map.of("a", List.of(1L), 2L, List.of()), read("}(U\u0001a]K\u0001aK\u0002)u."));
    assertEquals(Map.of("a", 1L), read("}\u008c\u0001aK\u0001s."));
    assertEquals(List.of(1L, 2L), read("K\u0001K\u0002\u0086."));
  }

  @Test
  void readsWhatItMayCallAndWhatLiesOutside() {
    assertEquals(List.of(7L), read("cm\necho\nK\u0007\u0085R."));
    assertEquals(
        List.of(7L), read("\u0080\u0004\u008c\u0001m\u008c\u0004echo\u0093K\u0007\u0085R."));
    assertEquals("outside 7", read("K\u0007Q."));
  }

  @Test
  void whatIsRecalledIsTheSame() {
    List<?> pair = (List<?>) read("]q\u0003h\u0003\u0086.");
    assertSame(pair.get(0), pair.get(1));
    assertEquals(List.of(1L, 1L), read("\u0080\u0004K\u0001\u0094h\0\u0086."));
    assertEquals(List.of(1L, 1L), read("K\u0001r\0\u0001\0\0j\0\u0001\0\0\u0086."));
    // A list that holds itself.
    List<?> endless = (List<?>) read("]q\0h\0a.");
    assertSame(endless, endless.get(0));
  }

  @Test
  void attributesOfADictionaryAreLeftOut() {
    assertEquals(Map.of(), read("}}U\u0001aK\u0001sb."));
    refused("]}b.", "attributes");
  }

  private static PickleReader.Other other(String name) {
    return new PickleReader.Other(name);
  }

  @Test
  void nothingElseIsCalled() {
    assertEquals(other("posix.system"), read("cposix\nsystem\n(U\u0002lstR."));
    assertEquals(other("posix.system"), read("\u008c\u0005posix\u008c\u0006system\u0093)R."));
    assertEquals(other("posix.system"), read("cm\necho\ncposix\nsystem\n)R\u0085R."));
    refused("K\u0001)R.", "no function");
    refused("cm\necho\nK\u0001R.", "no function");
    refused("cm\necho\nK\u0001\u0081.", "no function");
    refused("K\u0001K\u0002\u0093.", "no text");
    for (String opcode : List.of("i", "o", "\u0082", "\u0083", "\u0084", "P")) {
      refused(")" + opcode + "posix\nsystem\n.", "opcode 0x");
    }
  }

  /** As Python writes argparse.Namespace(lr=1), a numpy scalar, sets and keys of any kind. */
  @Test
  void whatWeightsDoNotNeedComesToNothing() {
    assertEquals(
        other("argparse.Namespace"), read("cargparse\nNamespace\n)\u0081}U\u0002lrK\u0001sb."));
    assertEquals(other("m.C"), read("cm\nC\n)}\u0092."));
    assertEquals(
        other("numpy.scalar"),
        read("cnumpy\nscalar\ncnumpy\ndtype\nU\u0002f8K\0K\u0001\u0087RC\u0001a\u0086R."));
    assertEquals(other("bytes"), read("B\u0002\0\0\0ab."));
    assertEquals(other("m.L"), read("cm\nL\n)R(K\u0001K\u0002eK\u0003a."));
    assertEquals(other("m.D"), read("cm\nD\n)R(U\u0001aK\u0001uU\u0001bK\u0002s."));
    assertEquals(other("set"), read("\u008f(K\u0001\u0090."));
    assertEquals(other("frozenset"), read("(K\u0001\u0091."));
    assertEquals(Map.of("a", 1L), read("}(]K\u0002NK\u0003U\u0001aK\u0001u."));
  }

  @Test
  void refusesWhatIsDamaged() {
    String whole = "\u0080\u0002}(X\u0001\0\0\0aG?\u00e0\0\0\0\0\0\0\u008a\u0001\u0002]K\u0001au.";
    for (int length = 0; length < whole.length(); length++) {
      refused(whole.substring(0, length), "middle");
    }
    refused("\u0080\u0001.", "protocol 1");
    refused("X\u00ff\u00ff\u00ff\u007fa.", "middle");
    refused("X\u00ff\u00ff\u00ff\u00ffa.", "middle");
    refused(".", "has not put there");
    refused("K\u0001(\u0085.", "has not put there");
    refused("K\u0001t.", "mark");
    refused("K\u0001\u0091.", "mark");
    refused("h\0.", "number 0");
    refused("K\u0001K\u0002a.", "no list");
    refused(")K\u0002a.", "no list");
    refused("]K\u0001K\u0002s.", "no dictionary");
    refused("}(K\u0001u.", "no dictionary");
  }

  @Test
  void refusesMoreThanWeightsNeed() {
    for (String opcode : List.of("}", "(", "N\u0094")) {
      refused(opcode.repeat(PickleReader.MAX_STEPS), "more than 2097152 steps");
    }
  }

  @Test
  void theBufferIsLeftBehindThePickle() {
    ByteBuffer in = ByteBuffer.wrap(TorchBytes.latin("K\u0001.K\u0002."));
    List<Object> values = new ArrayList<>();
    values.add(PickleReader.read("p", in, ECHO));
    values.add(PickleReader.read("p", in, ECHO));
    assertEquals(List.of(1L, 2L), values);
  }
}

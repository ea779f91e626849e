package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFileTest {
  @TempDir Path folder;

  /** Files that gradus.fixtures.StateDictFixture and make.py beside them have written. */
  static Path resource(String name) {
    try {
      return Path.of(TorchFileTest.class.getResource("/pytorch/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertTensor(
      StoredWeights stored, String name, Shape shape, float... expected) {
    Weight weight = stored.read(name);
    assertEquals(shape, weight.shape(), name);
    assertEquals(shape, stored.shape(name));
    assertArrayEquals(expected, weight.values().array(), name);
  }

  /** The values are eighths: 0, 1/8, 2/8, .. */
  private static float[] eighths(int... numerators) {
    float[] values = new float[numerators.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = numerators[i] / 8f;
    }
    return values;
  }

  private static float[] eighthsFrom(int first, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (first + i) / 8f;
    }
    return values;
  }

  @Test
  void readsWhatPyTorchWrote() {
    try (StoredWeights stored = StoredWeights.open(resource("state_dict.pth"))) {
      assertTensor(stored, "float", Shape.of(2, 3, 4), eighthsFrom(0, 24));
      assertTensor(stored, "tail", Shape.of(8), eighthsFrom(16, 8));
      assertTensor(
          stored,
          "transposed",
          Shape.of(6, 4),
          eighths(
              0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17,
              23));
      assertTensor(stored, "stepped", Shape.of(2, 2, 2), eighths(4, 6, 8, 10, 16, 18, 20, 22));
      assertTensor(stored, "expanded", Shape.of(2, 3), 1.5f, 1.5f, 1.5f, -2, -2, -2);
      Weight exact = stored.read("double");
      for (int i = 0; i < 6; i++) {
        assertEquals(i / 80f, exact.values().get(i), 1e-8f);
      }
      assertTensor(stored, "half", Shape.of(6), eighths(-8, -7, -6, -5, -4, -3));
      assertTensor(stored, "bfloat16", Shape.of(6), eighths(-8, -7, -6, -5, -4, -3));
      assertTensor(stored, "num_batches_tracked", Shape.SCALAR, 7);
      assertTensor(stored, "scalar", Shape.SCALAR, 2.5f);
    }
  }

  @Test
  void whatCannotBeReadIsRefusedOnlyWhenItIsAskedFor() {
    try (StoredWeights stored = StoredWeights.open(resource("state_dict.pth"))) {
      assertTrue(stored.names().containsAll(List.of("mask", "empty", "diverged")));
      assertEquals(Shape.of(2), stored.shape("mask"));
      assertFailure("torch.BoolStorage", () -> stored.read("mask"));
      assertFailure("[0, 3]", () -> stored.shape("empty"));
      assertFailure("[0, 3]", () -> stored.read("empty"));
      assertFailure("'diverged' has the value NaN at position 1", () -> stored.read("diverged"));
      assertFailure("no tensor 'conv'", () -> stored.read("conv"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint.pth", "checkpoint_protocol4.pth", "legacy.pth"})
  void readsACheckpoint(String name) {
    try (StoredWeights stored = StoredWeights.open(resource(name))) {
      assertEquals(
          List.of("conv.weight", "conv.bias", "fc.weight", "bn.num_batches_tracked"),
          List.copyOf(stored.names()));
      assertTensor(stored, "conv.weight", Shape.of(2, 1, 2, 2), eighthsFrom(0, 8));
      assertTensor(stored, "conv.bias", Shape.of(2), -1.5f, 2.5f);
      assertTensor(
          stored,
          "fc.weight",
          Shape.of(4, 4),
          eighths(8, 12, 16, 20, 9, 13, 17, 21, 10, 14, 18, 22, 11, 15, 19, 23));
      assertTensor(stored, "bn.num_batches_tracked", Shape.SCALAR, 7);
    }
  }

  /** Of which training_state.py beside it tells. */
  @Test
  void readsWhatTrainingScriptsSave() {
    try (StoredWeights stored = StoredWeights.open(resource("training_state.pth"))) {
      assertEquals(
          List.of(
              "0.weight",
              "0.bias",
              "1.weight",
              "1.bias",
              "1.running_mean",
              "1.running_var",
              "1.num_batches_tracked",
              "3.weight",
              "3.bias"),
          List.copyOf(stored.names()));
      assertTensor(stored, "0.weight", Shape.of(2, 3, 2, 2), eighthsFrom(0, 24));
      assertTensor(stored, "3.weight", Shape.of(2, 2), eighthsFrom(0, 4));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FloatStorage | 2 | 1 | 2 | 1 | number 2 of a storage of 2",
        "FloatStorage | 2 | -1 | 2 | 1 | negative",
        "FloatStorage | 3 | 0 | 2 | 1 | of 3 numbers, for which the file has 8 bytes",
        "DoubleStorage | 2 | 0 | 2 | 1 | of 2 numbers, for which the file has 8 bytes",
        "FloatStorage | -1 | 0 | 0 | 1 | of -1 numbers",
        "FloatStorage | 9223372036854775807 | 0 | 2 | 1 | for which the file has 8 bytes",
        "UntypedStorage | 2 | 0 | 2 | 1 | asks for torch.UntypedStorage"
      })
  void refusesTensorsThatDoNotLieInTheFile(
      String storage, long elements, long offset, long size, long stride, String part)
      throws IOException {
    Path file = folder.resolve("state_dict.pth");
    byte[] pickle = TorchBytes.pickle(storage, elements, offset, List.of(size), List.of(stride));
    TorchBytes.write(file, Map.of("data.pkl", pickle, "data/0", new byte[8]));
    assertFailure(part, () -> StoredWeights.open(file));
  }

  private static void assertFailure(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.contains("state_dict.pth"), message);
  }
}

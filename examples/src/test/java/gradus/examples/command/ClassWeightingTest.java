package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ClassWeightingTest {
  /** One image of "well", three of "sick". */
  private static final Dataset DATA = Dataset.of("d", samples(0, 1, 1, 1), List.of("well", "sick"));

  private static List<Sample> samples(int... labels) {
    return java.util.Arrays.stream(labels)
        .mapToObj(label -> new Sample(Image.ofFloats(1, 1, 1, new float[1]), label))
        .toList();
  }

  private static ClassWeighting weighting(String text) {
    return new ClassWeighting.Converter().convert(text);
  }

  @Test
  void rulesCountTheImages() {
    assertEquals("inverse", weighting("Inverse").toString());
    assertArrayEquals(new float[] {1.5f, 0.5f}, weighting("inverse").of(DATA), 1e-6f);
    assertTrue(weighting("effective").of(DATA)[0] > 1);
    assertNull(weighting("none").of(DATA));
  }

  @Test
  void weightsAreGivenInOrderOrByName() {
    assertArrayEquals(new float[] {1, 5.5f}, weighting("1,5.5").of(DATA));
    assertArrayEquals(new float[] {1, 5}, weighting("sick=5").of(DATA));
    assertArrayEquals(new float[] {0.5f, 3}, weighting("sick=3, well=0.5").of(DATA));
    assertEquals("sick=5", weighting("sick=5").toString(), "as run.json records it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"balanced", "1,,2", "1,2,", "sick=", "sick=-1", "0,1", "1;2", "NaN,1", "1e99,1"})
  void whatIsNoWeightIsRefused(String text) {
    String message =
        assertThrows(TypeConversionException.class, () -> weighting(text)).getMessage();
    assertTrue(message.contains(text) && message.contains("sick=5"), message);
  }

  private static void refused(String text, String... parts) {
    String message =
        assertThrows(UsageException.class, () -> weighting(text).of(DATA)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void whatDoesNotSuitTheClassesIsRefused() {
    refused("1,2,3", "3 weights for 2 classes", "[well, sick]", "well=5");
    refused("ill=5", "a weight for ill", "[well, sick]");
    refused("sick=5,2", "2 names no class");
  }
}

package gradus.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InitializerTest {
  private static final Shape SHAPE = Shape.of(64, 48, 3, 3); // fanIn 432, fanOut 576

  static Stream<Arguments> variances() {
    return Stream.of(
        Arguments.of("kaimingNormal", Initializer.kaimingNormal(), 2.0 / 432),
        Arguments.of("kaimingUniform", Initializer.kaimingUniform(), 2.0 / 432),
        Arguments.of("xavierNormal", Initializer.xavierNormal(), 2.0 / (432 + 576)),
        Arguments.of("xavierUniform", Initializer.xavierUniform(), 2.0 / (432 + 576)),
        Arguments.of("lecunNormal", Initializer.lecunNormal(), 1.0 / 432),
        Arguments.of("lecunUniform", Initializer.lecunUniform(), 1.0 / 432),
        Arguments.of("standard", Initializer.standard(), 1.0 / 3 / 432),
        Arguments.of("normal", Initializer.normal(0.3), 0.09),
        Arguments.of("uniform", Initializer.uniform(0.6), 0.12));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("variances")
  void hasTheVarianceOfItsFormula(String name, Initializer initializer, double variance) {
    float[] values = initializer.values(SHAPE, 11);
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    double deviation = Math.sqrt(variance / values.length);
    assertEquals(0, mean, 5 * deviation, "mean");
    assertEquals(variance, squares / values.length - mean * mean, variance * 0.04, "variance");
    assertArrayEquals(values, initializer.values(SHAPE, 11), "a pure function of shape and seed");
  }

  @Test
  void constantsAreConstant() {
    assertArrayEquals(new float[] {2, 2, 2}, Initializer.constant(2).values(Shape.of(3), 1));
    assertArrayEquals(new float[] {0, 0}, Initializer.zeros().values(Shape.of(2), 1));
    assertThrows(GradusException.class, () -> Initializer.normal(-1));
  }

  @Test
  void diracPassesItsInputOnAndLeavesFurtherFiltersToChance() {
    Initializer rest = Initializer.normal(1);
    Shape shape = Shape.of(3, 2, 3, 3);
    float[] expected = rest.values(shape, 5);
    Arrays.fill(expected, 0, 36, 0);
    expected[4] = 1; // filter 0, channel 0, middle
    expected[18 + 9 + 4] = 1; // filter 1, channel 1, middle
    assertArrayEquals(expected, Initializer.dirac(rest).values(shape, 5));
    assertThrows(GradusException.class, () -> Initializer.dirac(rest).values(Shape.of(3, 2), 5));
  }
}

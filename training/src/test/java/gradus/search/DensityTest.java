package gradus.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DensityTest {
  private static double integral(Density density, double from, double to) {
    int steps = 20_000;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      sum += density.at(from + (i + 0.5) / steps * (to - from));
    }
    return sum / steps * (to - from);
  }

  private static double drawn(Density density, double from, double to) {
    SplittableRandom random = new SplittableRandom(5);
    int inside = 0;
    for (int i = 0; i < 20_000; i++) {
      double place = density.draw(random);
      assertTrue(place >= 0 && place < 1);
      inside += place >= from && place < to ? 1 : 0;
    }
    return inside / 20_000.0;
  }

  @Test
  void gaussiansAreCutOffAtTheEndsAndDrawnAsDense() {
    for (double[] places : new double[][] {{}, {0.01}, {0.2, 0.25, 0.9}, {0.5, 0.5, 0.999}}) {
      Density density = new ParzenDensity(places);
      assertEquals(1, integral(density, 0, 1), 1e-5);
      assertEquals(integral(density, 0.2, 0.4), drawn(density, 0.2, 0.4), 0.015);
    }
  }

  /** Two Gaussians: around 0.1, 0.4 from its neighbour, and the wide one, around 0.5. */
  @Test
  void aGaussianIsAsWideAsTheGapBesideIt() {
    // Phi is the normal distribution function: Phi(2.25) - Phi(-0.25), and Phi(0.5) - Phi(-0.5).
    double narrow = Math.exp(-0.125) / (0.4 * Math.sqrt(2 * Math.PI) * (0.987776 - 0.401294));
    double wide = Math.exp(-0.02) / (Math.sqrt(2 * Math.PI) * 0.382925);
    assertEquals((narrow + wide) / 2, new ParzenDensity(new double[] {0.1}).at(0.3), 1e-5);
  }

  @Test
  void choicesCountWhatWasSeen() {
    // Of three values the first was seen twice and the last once; one more is shared by all.
    Density density = new ChoiceDensity(new double[] {0.5 / 3, 0.5 / 3, 2.5 / 3}, 3);
    assertEquals((2 + 1.0 / 3) / 4 * 3, density.at(0.5 / 3), 1e-12);
    assertEquals((1.0 / 3) / 4 * 3, density.at(1.5 / 3), 1e-12);
    assertEquals((2 + 1.0 / 3) / 4, drawn(density, 0, 1.0 / 3), 0.015);
    assertEquals(1, integral(density, 0, 1), 1e-3);
  }
}

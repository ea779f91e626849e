package gradus.metric;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Committed examples with hand-made results; each file says how they were worked out. */
final class Fixture {
  private Fixture() {}

  /** The rows of numbers of a resource. */
  static double[][] rows(String name) {
    try (InputStream in = Fixture.class.getResourceAsStream("/metric/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray())
          .toArray(double[][]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Predictions threeClasses() {
    Predictions predictions = new Predictions(3);
    for (double[] row : rows("three-classes.txt")) {
      predictions.add((int) row[3], Arrays.copyOf(row, 3));
    }
    return predictions;
  }

  static Predictions twoClasses() {
    Predictions predictions = new Predictions(2);
    for (double[] row : rows("two-classes.txt")) {
      predictions.add((int) row[1], 1 - row[0], row[0]);
    }
    return predictions;
  }

  static double[] scores() {
    return Arrays.stream(rows("two-classes.txt")).mapToDouble(row -> row[0]).toArray();
  }

  static boolean[] truth() {
    double[][] rows = rows("two-classes.txt");
    boolean[] truth = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      truth[i] = rows[i][1] == 1;
    }
    return truth;
  }
}

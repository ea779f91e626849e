package gradus.backend.cpu;

import gradus.GradusException;

/**
 * How batches are stored: {@code plain} is row-major, for few examples, with gradients by OpenBLAS;
 * {@code lanes} puts as many examples side by side as a vector has lanes. {@code auto} takes lanes
 * for batches that fill enough of them. {@code -Dgradus.cpu.layout=plain|lanes|auto} chooses; auto
 * is the default.
 */
enum LayoutChoice {
  AUTO,
  PLAIN,
  LANES;

  static final String PROPERTY = "gradus.cpu.layout";

  /** What the property asks for. */
  static LayoutChoice choose() {
    return named(System.getProperty(PROPERTY, "auto"));
  }

  /** The layout of that name. */
  static LayoutChoice named(String name) {
    return switch (name) {
      case "auto" -> AUTO;
      case "plain" -> PLAIN;
      case "lanes" -> LANES;
      default ->
          throw new GradusException(
              "-D%s=%s is no layout: choose auto, plain or lanes.".formatted(PROPERTY, name));
    };
  }

  /**
   * The smallest batch that is stored in lanes. A group of lanes costs the same however few are
   * filled; measured over convolutions from LeNet's to 64 channels, that equals plain images from a
   * sixth to two fifths of the lanes on.
   */
  int lanesFrom(int lanes) {
    return switch (this) {
      case PLAIN -> Integer.MAX_VALUE;
      case LANES -> 1;
      case AUTO -> Math.max(2, lanes / 3);
    };
  }
}

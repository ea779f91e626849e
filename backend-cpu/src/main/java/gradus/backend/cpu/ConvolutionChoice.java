package gradus.backend.cpu;

import gradus.GradusException;
import gradus.backend.ConvAccuracy;

/**
 * How 3x3 convolutions of stride 1 in lanes are computed: {@code direct} sums products, {@code
 * winograd} multiplies a quarter as often and rounds more. {@code auto} takes Winograd's algorithm
 * where it is faster. {@code -Dgradus.cpu.conv=auto|direct|winograd} chooses; auto is the default.
 */
enum ConvolutionChoice {
  AUTO,
  DIRECT,
  WINOGRAD;

  static final String PROPERTY = "gradus.cpu.conv";

  /** What the options and the property ask for. */
  static ConvolutionChoice choose(ConvAccuracy accuracy) {
    ConvolutionChoice asked = named(System.getProperty(PROPERTY, "auto"));
    return accuracy == ConvAccuracy.STRICT ? DIRECT : asked;
  }

  /** The choice of that name. */
  static ConvolutionChoice named(String name) {
    return switch (name) {
      case "auto" -> AUTO;
      case "direct" -> DIRECT;
      case "winograd" -> WINOGRAD;
      default ->
          throw new GradusException(
              "-D%s=%s is no algorithm: choose auto, direct or winograd."
                  .formatted(PROPERTY, name));
    };
  }

  /** The number by which the kernels know it. */
  int code() {
    return switch (this) {
      case AUTO -> 0;
      case DIRECT -> 1;
      case WINOGRAD -> 2;
    };
  }
}

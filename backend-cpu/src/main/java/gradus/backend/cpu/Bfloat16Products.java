package gradus.backend.cpu;

import gradus.GradusException;
import gradus.kernels.Kernels;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How convolutions in bf16 multiply rounded values: {@code tiles} by the processor's matrix unit
 * (AMX), {@code pairs} two at a time (avx512_bf16), {@code float} as floats. The fastest of those
 * that the processor has is taken; {@code -Dgradus.cpu.bf16=tiles|pairs|float} takes that one.
 */
enum Bfloat16Products {
  FLOAT("float", "products of floats", 0),
  PAIRS("pairs", "avx512_bf16", 1),
  TILES("tiles", "AMX", 2);

  static final String PROPERTY = "gradus.cpu.bf16";

  private final String id;
  private final String title;
  private final int code;

  Bfloat16Products(String id, String title, int code) {
    this.id = id;
    this.title = title;
    this.code = code;
  }

  /** What the property asks for, or the best of this processor with these instructions. */
  static Bfloat16Products choose(InstructionSet instructions) {
    String forced = System.getProperty(PROPERTY);
    if (forced != null) {
      Bfloat16Products asked = named(forced);
      if (!asked.available(instructions)) {
        throw new GradusException(
            "-D%s=%s asks for %s, which this processor or the instruction set chosen, %s, does not have: leave the property out."
                .formatted(PROPERTY, forced, asked.title, instructions.title()));
      }
      return asked;
    }
    return best(instructions);
  }

  /** The fastest with these instructions. */
  static Bfloat16Products best(InstructionSet instructions) {
    return instructions == InstructionSet.AVX512 ? values()[Kernels.bestProducts()] : FLOAT;
  }

  /** Those of that name. */
  static Bfloat16Products named(String name) {
    for (Bfloat16Products products : values()) {
      if (products.id.equals(name)) {
        return products;
      }
    }
    throw new GradusException(
        "-D%s=%s is no way to multiply bfloat16 values: choose one of %s."
            .formatted(
                PROPERTY,
                name,
                Arrays.stream(values()).map(p -> p.id).collect(Collectors.joining(", "))));
  }

  /** Whether the processor has them, and kernels compiled for these instructions use them. */
  boolean available(InstructionSet instructions) {
    return this == FLOAT || (instructions == InstructionSet.AVX512 && processorHas(code));
  }

  private static boolean processorHas(int code) {
    return Kernels.hasProducts(code) != 0;
  }

  /** How native code knows them. */
  int code() {
    return code;
  }

  /** For people. */
  String title() {
    return title;
  }
}

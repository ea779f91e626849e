package gradus.backend.cpu;

import gradus.GradusException;
import gradus.kernels.Kernels;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The instruction sets the kernels are compiled for. The best one of the processor is taken; {@code
 * -Dgradus.cpu.isa=avx512|avx2|baseline} takes that one.
 */
enum InstructionSet {
  BASELINE("baseline", "baseline x86-64", 1, 4),
  AVX2("avx2", "AVX2 with FMA", 2, 8),
  AVX512("avx512", "AVX-512", 3, 16);

  static final String PROPERTY = "gradus.cpu.isa";

  private final String id;
  private final String title;
  private final int tier;
  private final int lanes;

  InstructionSet(String id, String title, int tier, int lanes) {
    this.id = id;
    this.title = title;
    this.tier = tier;
    this.lanes = lanes;
  }

  /** The forced one, or the best of this processor. */
  static InstructionSet choose() {
    return choose(best(), System.getProperty(PROPERTY));
  }

  /** The best of this processor. */
  static InstructionSet best() {
    return values()[Kernels.bestTier() - 1];
  }

  /** The forced one, or the best where {@code forced} is null. */
  static InstructionSet choose(InstructionSet best, String forced) {
    if (forced == null) {
      return best;
    }
    for (InstructionSet candidate : values()) {
      if (candidate.id.equals(forced)) {
        if (candidate.tier > best.tier) {
          throw new GradusException(
              "-D%s=%s asks for %s, but this processor has %s at most: leave the property out, or choose %s."
                  .formatted(PROPERTY, forced, candidate.title, best.title, best.id));
        }
        return candidate;
      }
    }
    throw new GradusException(
        "-D%s=%s is no instruction set: choose one of %s."
            .formatted(
                PROPERTY,
                forced,
                Arrays.stream(values()).map(set -> set.id).collect(Collectors.joining(", "))));
  }

  /** How native code knows it. */
  int tier() {
    return tier;
  }

  /** Floats in one vector. */
  int lanes() {
    return lanes;
  }

  /** For people. */
  String title() {
    return title;
  }
}

package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import java.util.List;
import java.util.function.Supplier;

/**
 * A run whose diagnosis is known.
 *
 * @param id short, such as {@code P01}; that of a healthy run has an H second
 * @param change what was changed, in words
 * @param recipe makes the run; each run gets one of its own
 * @param twin the same run without the change
 * @param expected what is wrong; null for a healthy run
 * @param alternates further answers that name a cause as well
 */
public record Scenario(
    String id,
    String change,
    Supplier<Recipe> recipe,
    Twin twin,
    Diagnosis expected,
    List<Diagnosis> alternates) {
  /** The healthy run a fault is measured against. */
  public enum Twin {
    /** {@link Recipe#plain}. */
    A,
    /** {@link Recipe#normalized}. */
    B,
    /** {@link Recipe#lenet}. */
    C,
    /** {@link Recipe#photographs}. */
    D,
    /** {@link Recipe#tutorial}. */
    E
  }

  /** The list is copied. */
  public Scenario {
    alternates = List.copyOf(alternates);
  }

  /** A run with a fault. */
  public static Scenario faulty(
      String id,
      String change,
      Twin twin,
      Supplier<Recipe> recipe,
      Diagnosis expected,
      Diagnosis... alternates) {
    return new Scenario(id, change, recipe, twin, expected, List.of(alternates));
  }

  /** A run that nothing is wrong with. */
  public static Scenario healthy(String id, String what, Twin twin, Supplier<Recipe> recipe) {
    return new Scenario(id, what, recipe, twin, null, List.of());
  }

  /** The same with a rate that falls as a cosine, unless it has a schedule of its own. */
  public Scenario withCosine() {
    return new Scenario(
        id, change, () -> recipe.get().cosineByDefault(), twin, expected, alternates);
  }

  /** Whether nothing is wrong with it. */
  public boolean isHealthy() {
    return expected == null;
  }

  /** Whether {@code found} (null: nothing) is the very answer. */
  public boolean isStrictly(Diagnosis found) {
    return found == expected;
  }

  /** Whether {@code found} is an answer that helps. */
  public boolean accepts(Diagnosis found) {
    return isStrictly(found) || (found != null && alternates.contains(found));
  }
}

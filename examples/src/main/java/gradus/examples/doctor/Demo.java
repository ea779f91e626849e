package gradus.examples.doctor;

import java.util.List;

/**
 * A question people ask of a run that does not do well, as two runs: one that goes wrong in the way
 * they describe, and the same one cured.
 *
 * @param name to call it by on the command line
 * @param question as people put it
 * @param mistake what was done
 * @param cure what is done instead
 */
public record Demo(
    String name, String question, String mistake, String cure, Scenario broken, Scenario cured) {
  /** The five of them, on these pictures. */
  public static List<Demo> all(Pictures grey, Pictures color) {
    return List.of(
        new FastLoss(grey).demo(),
        new LossFluctuates(color).demo(),
        new ValidationStalls(color).demo(),
        new NeverConverges(grey).demo(),
        new LossStuck(grey).demo());
  }
}

package gradus.doctor.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TrialOutcomeTest {
  private static TrialOutcome from(double before, double after, Double... losses) {
    return new TrialOutcome("", before, after, 1 - after / 2.3, 0, List.of(losses), List.of());
  }

  @Test
  void aRateTenTimesAsLargeMustLearnMuchFaster() {
    TrialOutcome small = from(2.3, 0.76);
    assertFalse(from(2.3, 0.64).isWorthMoreThan(small));
    assertTrue(from(2.3, 0.5).isWorthMoreThan(small));
    assertFalse(from(2.3, Double.POSITIVE_INFINITY).isWorthMoreThan(small));
    assertTrue(small.isWorthMoreThan(from(2.3, Double.POSITIVE_INFINITY)));
  }

  @Test
  void stepsThatCarryFartherMustLearnFaster() {
    TrialOutcome slow = from(2.3, 1, 2.0, 1.0);
    assertTrue(from(2.3, 1, 9.0, 0.74).outpaces(slow, 10));
    assertFalse(from(2.3, 1, 2.0, 0.76).outpaces(slow, 10));
    assertTrue(from(2.3, 1, 2.0, 0.86).outpaces(slow, 3));
    assertFalse(from(2.3, 1, 2.0, 0.88).outpaces(slow, 3));
    assertFalse(from(2.3, 1, 2.0, 0.1, 0.1).outpaces(slow, 3), "not over the same steps");
    assertFalse(from(2.3, Double.POSITIVE_INFINITY, 2.0, Double.NaN).outpaces(slow, 3));
  }

  @Test
  void theLateLossIsThatOfTheSecondHalf() {
    assertEquals(2, from(9, 1, 9.0, 7.0, 3.0, 1.0).lateLoss());
    assertEquals(2, from(9, 1, 9.0, 3.0, 1.0).lateLoss());
    assertTrue(Double.isNaN(from(9, 1).lateLoss()));
  }

  @Test
  void threeTimesTheGainOrFourFifthsOfTheLossBeatsARun() {
    assertTrue(from(2.0, 1.69).beats(from(2.0, 1.9)));
    assertFalse(from(2.0, 1.75).beats(from(2.0, 1.9)));
    assertTrue(from(2.0, 0.7).beats(from(2.0, 1.0)));
    assertFalse(from(2.0, 0.9).beats(from(2.0, 1.0)));
    assertFalse(from(2.0, 1.99).beats(from(2.0, 2.04)), "hardly less");
  }

  /** What leads from a bad beginning to guessing says nothing of what is learned then. */
  @Test
  void threeTimesAsMuchIsLearnedWhereverItBegan() {
    assertTrue(from(2.5, 1.9).learnsMuchMoreThan(from(2.5, 2.2)));
    assertFalse(from(2.5, 1.9).fallsMuchFurtherThan(from(2.5, 2.2)));
    assertFalse(from(2.5, 2.1).learnsMuchMoreThan(from(2.5, 2.2)));
    assertFalse(from(9.0, 2.25).learnsMuchMoreThan(from(9.0, 3.0)), "hardly anything is learned");
    assertTrue(from(9.0, 2.1).learnsMuchMoreThan(from(9.0, 3.0)));
    assertTrue(from(9.0, 2.1).learnsMuchMoreThan(from(9.0, Double.POSITIVE_INFINITY)));
    assertFalse(from(9.0, Double.POSITIVE_INFINITY).learnsMuchMoreThan(from(9.0, 3.0)));
  }

  @Test
  void noiseIsNoGain() {
    assertFalse(from(2.275, 2.2745).gainsTwiceAsMuchAs(from(2.275, 2.275)));
    assertFalse(from(2.275, 2.28).gainsTwiceAsMuchAs(from(2.275, 2.4)));
    assertFalse(from(2.3, 1.5).gainsTwiceAsMuchAs(from(2.3, 1.8)));
    assertTrue(from(2.3, 1.5).gainsTwiceAsMuchAs(from(2.3, 2.2)));
  }

  @Test
  void whatFallsALittleSoonerFallsByItself() {
    Double[] flat = {2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3};
    Double[] falls = {2.3, 2.25, 2.1, 1.8, 1.4, 1.0, 0.8, 0.7};
    Double[] sooner = {2.3, 2.2, 2.0, 1.7, 1.3, 0.9, 0.7};
    Double[] explodesLater = {2.3, 2.25, 2.1, 1.8, 1.4, 1.0, 0.8, 9.0};
    Double[] explodesBefore = {2.3, 2.25, 2.1, Double.POSITIVE_INFINITY, Double.NaN, 9.0, 9.0, 9.0};
    TrialOutcome outcome = from(2.3, 0.7, sooner);
    assertTrue(outcome.fellBefore(from(2.3, 2.3, flat)));
    assertFalse(outcome.fellBefore(from(2.3, 0.7, falls)));
    assertFalse(outcome.fellBefore(from(2.3, 9.0, explodesLater)), "which is another matter");
    assertTrue(outcome.fellBefore(from(2.3, 9.0, explodesBefore)));
    assertTrue(outcome.fellBefore(from(2.3, Double.NaN, 2.3, 2.2)), "it ended early");
  }
}

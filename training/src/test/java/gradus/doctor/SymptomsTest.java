package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.schedule.Schedule;
import gradus.train.StopReason;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SymptomsTest {
  private static final double GUESS = Math.log(10);

  private static Set<Symptom> of(SyntheticHistory history) {
    return Symptoms.of(history.build()).keySet();
  }

  private static Set<Symptom> of(History history) {
    return Symptoms.of(history).keySet();
  }

  /** A noise that is always the same. */
  private static double noise(double progress) {
    return Math.sin(progress * 7919) * Math.cos(progress * 104729);
  }

  @Test
  void aRunThatGoesWellShowsNone() {
    assertEquals(Set.of(), of(SyntheticHistory.healthy()));
    assertEquals(Set.of(), of(SyntheticHistory.healthy().ends(StopReason.COMPLETED)));
    for (double progress = 0.2; progress < 1; progress += 0.2) {
      assertEquals(Set.of(), of(SyntheticHistory.healthy().until(progress)));
    }
  }

  @Test
  void aNoisyLossIsNone() {
    assertEquals(
        Set.of(),
        of(
            SyntheticHistory.healthy()
                .loss(p -> 2.3 * Math.exp(-4 * p) * (1 + 0.3 * noise(p)))
                .ends(StopReason.COMPLETED)));
  }

  @Test
  void aHardTaskThatGetsOnIsNone() {
    assertEquals(
        Set.of(),
        of(
            SyntheticHistory.healthy()
                .epochs(20)
                .loss(p -> 2.3 * Math.exp(-2.5 * p))
                .ends(StopReason.COMPLETED)));
  }

  @Test
  void nonFinite() {
    assertTrue(
        of(SyntheticHistory.healthy().loss(p -> p > 0.1 ? Double.NaN : 2))
            .contains(Symptom.NON_FINITE));
  }

  @Test
  void divergingAboveWhereItBegan() {
    Set<Symptom> seen = of(SyntheticHistory.healthy().loss(p -> GUESS * (1 + 20 * p)).until(0.4));
    assertTrue(seen.contains(Symptom.DIVERGING), seen::toString);
  }

  @Test
  void divergingAboveItsBest() {
    Set<Symptom> seen =
        of(SyntheticHistory.healthy().loss(p -> p < 0.5 ? 2.3 * Math.exp(-8 * p) : 2).until(0.8));
    assertTrue(seen.contains(Symptom.DIVERGING), seen::toString);
  }

  @Test
  void aHighLossAtTheBeginningIsNotDiverging() {
    Set<Symptom> seen = of(SyntheticHistory.healthy().loss(p -> 30 * Math.exp(-8 * p)).until(0.2));
    assertFalse(seen.contains(Symptom.DIVERGING), seen::toString);
  }

  @Test
  void flatOnlyAfterEnoughSteps() {
    SyntheticHistory flat = SyntheticHistory.healthy().loss(p -> GUESS).accuracy(p -> 0.1);
    assertFalse(of(flat.until(0.3)).contains(Symptom.FLAT));
    assertTrue(of(flat.until(0.5)).contains(Symptom.FLAT));
  }

  @Test
  void ofOneClassNoLossTellsAnything() {
    SyntheticHistory flat =
        SyntheticHistory.healthy().prior(0).loss(p -> 0.01).accuracy(p -> 1).until(0.5);
    assertEquals(Set.of(), of(flat));
    assertEquals(Set.of(Symptom.NON_FINITE), of(flat.loss(p -> p > 0.1 ? Double.NaN : 0.1)));
  }

  @Test
  void slow() {
    SyntheticHistory slow = SyntheticHistory.healthy().loss(p -> GUESS * (1 - 0.3 * p));
    assertFalse(of(slow.until(0.4)).contains(Symptom.SLOW));
    assertTrue(of(slow.until(0.8)).contains(Symptom.SLOW));
  }

  @Test
  void oscillating() {
    Set<Symptom> seen =
        of(
            SyntheticHistory.healthy()
                .loss(p -> 1)
                .judged(p -> Math.round(p * 20) % 2 == 0 ? 0.8 : 1.4));
    assertTrue(seen.contains(Symptom.OSCILLATING), seen::toString);
  }

  @Test
  void stalled() {
    Set<Symptom> seen =
        of(SyntheticHistory.healthy().loss(p -> Math.max(1.4, 2.3 - 4 * p)).until(0.8));
    assertTrue(seen.contains(Symptom.STALLED), seen::toString);
  }

  /** At a high rate it jumps and stays where it is, and falls with the rate. */
  @Test
  void neitherWhileAScheduleIsYetToLowerTheRate() {
    SyntheticHistory jumping =
        SyntheticHistory.healthy().judged(p -> Math.round(p * 20) % 2 == 0 ? 0.8 : 1.4).until(0.6);
    SyntheticHistory staying =
        SyntheticHistory.healthy().loss(p -> Math.max(1.05, 2.3 - 4 * p)).until(0.6);
    assertEquals(Set.of(Symptom.OSCILLATING), of(jumping));
    assertEquals(Set.of(Symptom.STALLED), of(staying));
    SyntheticHistory slow = SyntheticHistory.healthy().loss(p -> 2.3 - 1.5 * p).until(0.6);
    assertEquals(Set.of(Symptom.SLOW), of(slow));
    for (Schedule falling :
        List.of(Schedule.cosine(5), Schedule.multiStep(0.1, 2, 4), Schedule.polynomial(5, 1))) {
      assertEquals(Set.of(), of(jumping.schedule(falling)));
      assertEquals(Set.of(), of(staying.schedule(falling)));
      assertEquals(Set.of(), of(slow.schedule(falling)));
    }
    Schedule fallen = Schedule.multiStep(0.1, 2);
    assertEquals(Set.of(Symptom.OSCILLATING), of(jumping.schedule(fallen)));
    assertEquals(Set.of(Symptom.STALLED), of(staying.schedule(fallen)));
    SyntheticHistory ended = staying.schedule(Schedule.cosine(5)).until(1);
    assertEquals(Set.of(Symptom.STALLED), of(ended.ends(StopReason.COMPLETED)));
  }

  /** By the way that the rates have made, it falls as fast in the end as before. */
  @Test
  void theLowEndOfAScheduleIsNoStall() {
    DoubleUnaryOperator way = p -> p + Math.sin(Math.PI * p) / Math.PI;
    SyntheticHistory hard =
        SyntheticHistory.healthy().loss(p -> 2.3 * Math.exp(-0.83 * way.applyAsDouble(p)));
    assertEquals(
        Set.of(Symptom.UNLEARNED),
        of(hard.schedule(Schedule.cosine(5)).ends(StopReason.COMPLETED)));
  }

  @Test
  void stalledAsSoonAsTheRateIsNothing() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .loss(p -> Math.max(1.4, 2.3 - 10 * p))
            .rate(p -> p < 0.12 ? 0.05 : 1e-9);
    Set<Symptom> seen = of(run.until(0.2));
    assertTrue(seen.contains(Symptom.STALLED), seen::toString);
    assertEquals(Set.of(), of(run.until(0.13)), "for a moment");
    assertEquals(Set.of(), of(run.rate(p -> p < 0.12 ? 0.05 : 1e-4).until(0.2)), "it may get on");
    assertEquals(Set.of(), of(run.rate(p -> 1e-9).until(0.2)), "nothing has fallen");
    assertEquals(
        Set.of(),
        of(SyntheticHistory.healthy().rate(p -> p < 0.3 ? 0.05 : 1e-9).until(0.4)),
        "much is learned");
  }

  @Test
  void overfittingIsAGapAndARise() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .validation(p -> p < 0.3 ? 1.5 - p : 1.2 + 2 * (p - 0.3), p -> 0.6);
    assertTrue(of(run).containsAll(Set.of(Symptom.GAP, Symptom.RISING)));
  }

  @Test
  void learnedByHeart() {
    Set<Symptom> seen =
        of(SyntheticHistory.healthy().accuracy(p -> 1).validation(p -> 1.8, p -> 0.4));
    assertTrue(seen.contains(Symptom.MEMORIZED), seen::toString);
    assertFalse(
        of(SyntheticHistory.healthy().accuracy(p -> 1).validation(p -> 1.8 - p, p -> 0.4 + 0.3 * p))
            .contains(Symptom.MEMORIZED),
        "it still gets better");
  }

  @Test
  void aGapAloneIsNoRise() {
    Set<Symptom> seen =
        of(SyntheticHistory.healthy().validation(p -> 2.3 * Math.exp(-2 * p), p -> 0.8));
    assertTrue(seen.contains(Symptom.GAP), seen::toString);
    assertFalse(seen.contains(Symptom.RISING), seen::toString);
  }

  @Test
  void collapsed() {
    List<Integer> one = List.of(500, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    List<Integer> found = List.of(50, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assertTrue(of(SyntheticHistory.healthy().predicts(found, one)).contains(Symptom.COLLAPSED));
    List<Integer> missing = List.of(45, 45, 45, 2, 45, 45, 45, 45, 45, 45);
    List<Integer> even = Collections.nCopies(10, 50);
    assertTrue(of(SyntheticHistory.healthy().predicts(missing, even)).contains(Symptom.COLLAPSED));
    List<Integer> weak = List.of(45, 45, 45, 25, 45, 45, 45, 45, 45, 45);
    assertFalse(of(SyntheticHistory.healthy().predicts(weak, even)).contains(Symptom.COLLAPSED));
  }

  @Test
  void aClassThatIsNotFoundHasTheNameThatTheDataGivesIt() {
    List<Integer> missing = List.of(45, 45, 45, 2, 45, 45, 45, 45, 45, 45);
    List<Integer> even = Collections.nCopies(10, 50);
    String numbers =
        Symptoms.of(SyntheticHistory.healthy().predicts(missing, even).build())
            .get(Symptom.COLLAPSED);
    assertEquals("of the class \"d\" only 2 of 50 images are found, of all classes 81 %", numbers);
    String ofMore = Symptoms.of(manyClasses(20, 1)).get(Symptom.COLLAPSED);
    assertTrue(ofMore.startsWith("of the class 17 only 1"), "validation images may have others");
  }

  /** Of 100 classes with ten images each, some are found seldom, as chance has it. */
  @Test
  void fewHitsAmongManyClassesAreNoCollapse() {
    assertFalse(of(manyClasses(10, 1)).contains(Symptom.COLLAPSED));
    assertFalse(of(manyClasses(10, 0)).contains(Symptom.COLLAPSED), "1 in 9,000, in 100 classes");
    assertFalse(of(manyClasses(20, 3)).contains(Symptom.COLLAPSED));
    assertTrue(of(manyClasses(20, 1)).contains(Symptom.COLLAPSED));
    assertTrue(of(manyClasses(50, 8)).contains(Symptom.COLLAPSED));
  }

  /** In the middle of a run that finds 60 % of each class, but of one only a few images. */
  private static History manyClasses(int support, int hitsOfOne) {
    Integer[] supports = new Integer[100];
    Integer[] hits = new Integer[100];
    Arrays.fill(supports, support);
    Arrays.fill(hits, support * 6 / 10);
    hits[17] = hitsOfOne;
    List<Integer> even = List.of(supports);
    History history = SyntheticHistory.healthy().build();
    history.add(
        new Checkup(
            5,
            500,
            history.last().train(),
            new Checkup.Judgement(100 * support, 1, 0.6, even, List.of(hits), even)));
    return history;
  }

  @Test
  void inconsistentWhereTheRunReportsLess() {
    assertTrue(of(SyntheticHistory.healthy().reports(0.6)).contains(Symptom.INCONSISTENT));
    assertFalse(of(SyntheticHistory.healthy().reports(0.95)).contains(Symptom.INCONSISTENT));
  }

  @Test
  void inconsistentWhereBatchesAreLearnedAndForgotten() {
    SyntheticHistory sorted =
        SyntheticHistory.healthy()
            .loss(p -> 0.1)
            .accuracy(p -> 0.97)
            .judged(p -> 4)
            .validation(p -> 4, p -> 0.1);
    History history = sorted.build();
    // The doctor's own judgement of training images is bad too.
    history.add(
        new Checkup(
            5,
            500,
            new Checkup.Judgement(
                500,
                4,
                0.1,
                Collections.nCopies(10, 50),
                Collections.nCopies(10, 5),
                Collections.nCopies(10, 50)),
            history.last().validation()));
    assertTrue(Symptoms.of(history).containsKey(Symptom.INCONSISTENT));
  }

  @Test
  void stillImprovingAtTheEndOfFewEpochs() {
    SyntheticHistory rising =
        SyntheticHistory.healthy()
            .epochs(3)
            .loss(p -> GUESS * (1 - 0.5 * p))
            .accuracy(p -> 0.1 + 0.5 * p);
    assertFalse(of(rising).contains(Symptom.STILL_IMPROVING), "it goes on");
    assertTrue(of(rising.ends(StopReason.COMPLETED)).contains(Symptom.STILL_IMPROVING));
    assertFalse(
        of(SyntheticHistory.healthy()
                .accuracy(p -> 0.9 + 0.01 * noise(p))
                .ends(StopReason.COMPLETED))
            .contains(Symptom.STILL_IMPROVING));
  }

  @Test
  void learnedByHeartIsJudgedAtTheEndInAnyCase() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .accuracy(p -> 1)
            .validation(p -> 1.8 - p, p -> 0.4 + 0.3 * p)
            .ends(StopReason.COMPLETED);
    assertTrue(of(run).contains(Symptom.MEMORIZED), "a gap of 30 points is left");
    assertFalse(
        of(SyntheticHistory.healthy()
                .accuracy(p -> 1)
                .validation(p -> 0.5, p -> 0.9)
                .ends(StopReason.COMPLETED))
            .contains(Symptom.MEMORIZED),
        "ten points are usual with few images");
  }

  @Test
  void reversedWhereTheValidationIsFarBetter() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .loss(p -> 2.3 - 0.8 * p)
            .accuracy(p -> 0.1 + 0.4 * p)
            .validation(p -> 2.3 - 1.5 * p, p -> 0.1 + 0.7 * p);
    assertTrue(of(run).contains(Symptom.REVERSED));
    assertFalse(
        of(SyntheticHistory.healthy()
                .accuracy(p -> 0.5)
                .validation(p -> 2.3 * Math.exp(-4 * p), p -> 0.58))
            .contains(Symptom.REVERSED),
        "what chance and an easier part give");
  }

  @Test
  void unlearnedOnlyAtTheEndAndOnlyAlone() {
    SyntheticHistory run =
        SyntheticHistory.healthy().epochs(20).loss(p -> 2.3 * Math.max(0.4, 1 - 2 * p));
    assertEquals(Set.of(), of(run));
    assertEquals(Set.of(Symptom.UNLEARNED), of(run.ends(StopReason.COMPLETED)));
    assertEquals(Set.of(), of(SyntheticHistory.healthy().ends(StopReason.COMPLETED)));
  }

  @Test
  void stoppedWhileTheTrainingLossStillFell() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .epochs(20)
            .loss(p -> 2.3 * Math.exp(-3 * p))
            .accuracy(p -> 0.1 + 0.5 * p)
            .until(0.2);
    assertFalse(of(run).contains(Symptom.STILL_IMPROVING));
    assertTrue(of(run.ends(StopReason.EARLY_STOPPING)).contains(Symptom.STILL_IMPROVING));
    SyntheticHistory patient =
        SyntheticHistory.healthy()
            .epochs(20)
            .validation(p -> p < 0.1 ? 1.5 - p : 1.4, p -> 0.1 + 0.5 * p)
            .accuracy(p -> 0.1 + 0.5 * p)
            .until(0.4)
            .ends(StopReason.EARLY_STOPPING);
    assertFalse(of(patient).contains(Symptom.STILL_IMPROVING), "it had waited for six epochs");
  }
}

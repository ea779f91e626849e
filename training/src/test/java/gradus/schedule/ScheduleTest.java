package gradus.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void constantStays() {
    assertEquals(1, Schedule.constant().factor(0));
    assertEquals(1, Schedule.constant().factor(100));
  }

  @Test
  void cosineFallsToZeroAndStaysThere() {
    Schedule cosine = Schedule.cosine(10);
    assertEquals(1, cosine.factor(0));
    assertEquals(0.5, cosine.factor(5), 1e-12);
    assertEquals(Math.pow(Math.cos(Math.PI / 8), 2), cosine.factor(2.5), 1e-12);
    assertEquals(0, cosine.factor(10), 1e-12);
    assertEquals(0, cosine.factor(11), 1e-12);
  }

  @Test
  void warmupRisesAndThenLeavesTheScheduleAlone() {
    Schedule warm = Schedule.cosine(10).warmup(2);
    assertEquals(0, warm.factor(0));
    assertEquals(Schedule.cosine(10).factor(1) / 2, warm.factor(1), 1e-12);
    assertEquals(Schedule.cosine(10).factor(3), warm.factor(3), 1e-12);
  }

  @Test
  void lengthsArePositive() {
    assertThrows(GradusException.class, () -> Schedule.cosine(0));
    assertThrows(GradusException.class, () -> Schedule.constant().warmup(-1));
  }

  /** Holds a schedule against PyTorch's chained rule: the rate of an epoch from the one before. */
  private static void assertCurve(Schedule schedule, IntToDoubleFunction expected) {
    for (int epoch = 0; epoch < 200; epoch++) {
      double wanted = expected.applyAsDouble(epoch);
      assertEquals(wanted, schedule.factor(epoch), 1e-6 * wanted + 1e-15, "epoch " + epoch);
    }
  }

  private static double chained(int epochs, double start, Rule rule) {
    double rate = start;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      rate = rule.next(epoch, rate);
    }
    return rate;
  }

  private interface Rule {
    double next(int epoch, double rate);
  }

  @Test
  void stepFallsEveryFewEpochs() {
    Schedule step = Schedule.step(30, 0.1);
    assertCurve(step, n -> chained(n, 1, (e, rate) -> e % 30 == 0 ? rate * 0.1 : rate));
    assertEquals(1, step.factor(29.999));
    assertEquals(0.1, step.factor(30));
  }

  @Test
  void multiStepFallsAtItsMilestones() {
    Schedule steps = Schedule.multiStep(0.1, 80, 120);
    assertCurve(steps, n -> chained(n, 1, (e, rate) -> e == 80 || e == 120 ? rate * 0.1 : rate));
    assertEquals(1, steps.factor(79.999));
  }

  @Test
  void exponentialFallsByAFactor() {
    assertCurve(Schedule.exponential(0.97), n -> chained(n, 1, (e, rate) -> rate * 0.97));
    assertEquals(Math.sqrt(0.5), Schedule.exponential(0.5).factor(0.5), 1e-12);
    assertEquals(1, Schedule.exponential(0.5).perEpoch().factor(0.5));
    assertEquals(0.5, Schedule.exponential(0.5).perEpoch().factor(1.99));
  }

  @Test
  void polynomialFollowsPyTorchsChainedRule() {
    Rule rule =
        (e, rate) -> e > 100 ? rate : rate * Math.pow((1 - e / 100.0) / (1 - (e - 1) / 100.0), 1.5);
    assertCurve(Schedule.polynomial(100, 1.5), n -> chained(n, 1, rule));
  }

  @Test
  void linearFollowsPyTorchsChainedRule() {
    double start = 0.25;
    double end = 0.75;
    Rule rule =
        (e, rate) ->
            e > 50 ? rate : rate * (1 + (end - start) / (50 * start + (e - 1) * (end - start)));
    assertCurve(Schedule.linear(start, end, 50), n -> chained(n, start, rule));
  }

  @Test
  void cosineWithALowestFactorFollowsPyTorchsChainedRule() {
    double low = 0.01;
    Rule rule =
        (e, rate) ->
            e > 150
                ? rate
                : (1 + Math.cos(Math.PI * e / 150))
                        / (1 + Math.cos(Math.PI * (e - 1) / 150))
                        * (rate - low)
                    + low;
    assertCurve(Schedule.cosine(150, low), n -> chained(n, 1, rule));
  }

  @Test
  void restartsComeAtTheSumOfTheLengths() {
    Schedule restarts = Schedule.cosineWarmRestarts(10, 2, 0.1);
    for (double begin : new double[] {0, 10, 30, 70, 150}) {
      assertEquals(1, restarts.factor(begin), 1e-12);
      assertEquals(0.55, restarts.factor(begin + (begin + 10) / 2), 1e-12, "half way");
      assertEquals(0.1, restarts.factor(2 * begin + 10 - 1e-9), 1e-9, "before the next restart");
    }
    assertCurve(
        Schedule.cosineWarmRestarts(7, 1, 0), n -> 0.5 * (1 + Math.cos(Math.PI * (n % 7) / 7)));
  }

  @Test
  void oneCycleRisesToOneAndFallsFarBelowItsStart() {
    Schedule cycle = Schedule.oneCycle(100);
    assertEquals(0.04, cycle.factor(0), 1e-12);
    assertEquals(0.52, cycle.factor(15), 1e-12);
    assertEquals(1, cycle.factor(30), 1e-12);
    assertEquals((1 + 4e-6) / 2, cycle.factor(65), 1e-12);
    assertEquals(4e-6, cycle.factor(100), 1e-12);
    assertEquals(4e-6, cycle.factor(120), 1e-12);
    // PyTorch with total_steps T peaks at step 0.3 T - 1 and ends at T - 1.
    Schedule pyTorch = Schedule.oneCycle(199, 59 / 199.0, 25, 1e4);
    assertCurve(
        pyTorch,
        n ->
            n <= 59
                ? 0.04 + 0.96 * 0.5 * (1 - Math.cos(Math.PI * n / 59))
                : 4e-6 + (1 - 4e-6) * 0.5 * (1 + Math.cos(Math.PI * (n - 59) / 140.0)));
  }

  @Test
  void cyclicGoesUpAndDown() {
    Schedule triangular = Schedule.cyclic(0.1, 4, 6, 1);
    Schedule halving = Schedule.cyclic(0.1, 4, 6, 0.5);
    double[] heights = {0, 0.25, 0.5, 0.75, 1, 5 / 6.0, 4 / 6.0, 3 / 6.0, 2 / 6.0, 1 / 6.0};
    assertCurve(triangular, n -> 0.1 + 0.9 * heights[n % 10]);
    assertCurve(halving, n -> 0.1 + 0.9 * heights[n % 10] / (1 << (n / 10)));
  }

  @Test
  void inverseSquareRootPeaksAfterTheWarmup() {
    // "Attention is all you need": min(n^-0.5, n w^-1.5), here divided by its peak w^-0.5.
    assertCurve(
        Schedule.inverseSquareRoot(16),
        n -> n == 0 ? 0 : Math.min(Math.pow(n, -0.5), n * Math.pow(16, -1.5)) * 4);
  }

  @Test
  void lambdaIsChecked() {
    assertEquals(0.25, Schedule.lambda(epoch -> 1 / epoch).factor(4));
    Schedule bad = Schedule.lambda(epoch -> 1 - epoch);
    assertThrows(GradusException.class, () -> bad.factor(2));
  }

  @Test
  void thenStartsTheNextFromItsBeginning() {
    Schedule both = Schedule.linear(0.1, 1, 5).then(5, Schedule.step(10, 0.5));
    assertCurve(
        both, n -> n < 5 ? 0.1 + 0.18 * n : chained(n - 5, 1, (e, r) -> e % 10 == 0 ? r / 2 : r));
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThrows(GradusException.class, () -> Schedule.step(0, 0.1));
    assertThrows(GradusException.class, () -> Schedule.step(10, 1.5));
    assertThrows(GradusException.class, () -> Schedule.step(Double.NaN, 0.1));
    assertThrows(GradusException.class, () -> Schedule.multiStep(0.1));
    assertThrows(GradusException.class, () -> Schedule.multiStep(0.1, 80, 80));
    assertThrows(GradusException.class, () -> Schedule.oneCycle(10, 1, 25, 1e4));
    assertThrows(GradusException.class, () -> Schedule.cosineWarmRestarts(10, 0.5, 0));
    assertThrows(GradusException.class, () -> Schedule.constant().then(0, Schedule.constant()));
    String message =
        assertThrows(GradusException.class, () -> Schedule.exponential(-0.5)).getMessage();
    assertEquals("The gamma of an exponential schedule is -0.5, but must be from 0 to 1.", message);
  }
}

package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StillImprovingTest {
  private static MadeUpCurves curves(double growth) {
    return new MadeUpCurves(12)
        .train(e -> 2 - 0.05 * e)
        .validation(e -> 2 - 0.05 * e, e -> 0.3 + growth * Math.log(e));
  }

  @Test
  void aGrowingAccuracyWantsMoreEpochs() {
    Finding finding = new StillImproving().examine(curves(0.1).curves()).orElseThrow();
    assertEquals(Diagnosis.UNDERTRAINED, finding.diagnosis());
    assertEquals("--epochs 24", finding.remedy().option());
    assertTrue(finding.cause().contains("about 4.1 points"), finding.cause());
  }

  @Test
  void aLittleGrowthIsTheUsualEnd() {
    assertEquals(Optional.empty(), new StillImproving().examine(curves(0.03).curves()));
  }

  @Test
  void aRunThatCameToRestOrWasStoppedIsNotJudged() {
    Curves annealed = curves(0.1).rate(e -> 0.1 * (1.02 - e / 12.0)).curves();
    assertEquals(Optional.empty(), new StillImproving().examine(annealed));
    Curves stopped = curves(0.1).planned(50).curves();
    assertEquals(Optional.empty(), new StillImproving().examine(stopped));
  }

  @Test
  void whileTheLossGetsWorseMoreEpochsDoNotHelp() {
    Curves worse = curves(0.1).validation(e -> 1 + 0.1 * e, e -> 0.3 + 0.1 * Math.log(e)).curves();
    assertEquals(Optional.empty(), new StillImproving().examine(worse));
  }

  @Test
  void noiseIsNoGrowth() {
    Curves noisy =
        new MadeUpCurves(12)
            .train(e -> 1)
            .validation(e -> 1, e -> 0.7 + (e % 2 == 0 ? 0.05 : 0))
            .curves();
    assertEquals(Optional.empty(), new StillImproving().examine(noisy));
  }
}

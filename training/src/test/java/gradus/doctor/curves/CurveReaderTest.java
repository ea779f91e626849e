package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Finding.Role;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CurveReaderTest {
  private static final int SEEDS = 200;

  /** Runs that go well, each with a trap. */
  enum Healthy {
    /** Digits: a few epochs, still a little better at the end. */
    SHORT(8) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(e -> 0.25 * Math.pow(e, -1.1) * noise.of(e, 0.05), l -> 1 - l / 3)
            .validation(
                e -> (0.03 + 0.06 / e) * noise.of(100 + e, 0.08),
                e -> 0.99 - 0.02 / e + 0.001 * noise.normal(200 + e))
            .rate(e -> 0.05);
      }
    },
    /** Photographs with a cosine: the accuracy grows as the rate comes to rest. */
    ANNEALED(30) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(
                e -> (0.03 + 2.1 * Math.exp(-0.16 * e)) * noise.of(e, 0.04), MadeUpCurves::accuracy)
            .validation(
                e -> (0.28 + 1.7 * Math.exp(-0.2 * e)) * noise.of(100 + e, 0.08),
                e -> 0.93 - 0.6 * Math.exp(-0.13 * e) + 0.006 * noise.normal(200 + e))
            .rate(e -> 0.05 * (1 + Math.cos(Math.PI * e / epochs)));
      }
    },
    /** The validation loss rises while its accuracy still grows: too sure of itself, no harm. */
    TOO_SURE(40) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(
                e -> (0.005 + 2.0 * Math.exp(-0.2 * e)) * noise.of(e, 0.04), MadeUpCurves::accuracy)
            .validation(
                e -> (0.3 + Math.exp(-0.4 * e) + 0.006 * Math.max(0, e - 12)) * noise.of(e, 0.03),
                e -> 0.91 - 0.6 * Math.exp(-0.12 * e) + 0.003 * noise.normal(200 + e))
            .rate(e -> 0.1 * (1 - (double) e / (epochs + 1)));
      }
    },
    /** Small batches: everything is noisy, the validation most. */
    NOISY(20) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(
                e -> (0.25 + 1.6 * Math.exp(-0.3 * e)) * noise.of(e, 0.06), MadeUpCurves::accuracy)
            .validation(
                e -> (0.42 + Math.exp(-0.3 * e)) * noise.of(100 + e, 0.2),
                e -> 0.86 - 0.4 * Math.exp(-0.4 * e) + 0.015 * noise.normal(200 + e))
            .rate(e -> 0.005);
      }
    },
    /** The training loss is next to nothing, where relative jumps mean nothing. */
    LEARNED_ALL(40) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(e -> (0.0005 + 0.4 * Math.exp(-0.6 * e)) * noise.of(e, 0.5), l -> 1 - l / 3)
            .validation(
                e -> 0.04 * noise.of(100 + e, 0.1), e -> 0.991 + 0.0006 * noise.normal(200 + e))
            .rate(e -> 0.001);
      }
    },
    /** Dropout and augmentation: the training looks worse than the validation. */
    VALIDATION_BETTER(20) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(e -> (0.7 + 1.4 * Math.exp(-0.35 * e)) * noise.of(e, 0.02), l -> 1 - l / 2.8)
            .validation(
                e -> (0.5 + Math.exp(-0.35 * e)) * noise.of(100 + e, 0.04),
                e -> 0.84 - 0.4 * Math.exp(-0.35 * e) + 0.004 * noise.normal(200 + e))
            .rate(e -> 0.001);
      }
    },
    /** Steps of the rate to a hundredth, at the places where they belong. */
    STEPS(90) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(
                e -> (e <= 45 ? 0.5 + Math.exp(-0.2 * e) : 0.1) * noise.of(e, 0.03),
                MadeUpCurves::accuracy)
            .validation(
                e -> (e <= 45 ? 0.6 + Math.exp(-0.2 * e) : 0.32) * noise.of(100 + e, 0.08),
                e -> (e <= 45 ? 0.8 : 0.925) - 0.3 * Math.exp(-0.25 * e) + 0.004 * noise.normal(e))
            .rate(e -> e <= 45 ? 0.1 : e <= 68 ? 0.01 : 0.0005);
      }
    },
    /** Fine-tuning: nearly there from the first epoch on, and flat. */
    FINE_TUNED(12) {
      @Override
      MadeUpCurves curves(Noise noise) {
        return new MadeUpCurves(epochs)
            .train(e -> 0.2 * noise.of(e, 0.01), MadeUpCurves::accuracy)
            .validation(
                e -> 0.25 * noise.of(100 + e, 0.02), e -> 0.92 + 0.002 * noise.normal(200 + e))
            .classes(0)
            .rate(e -> 1e-5);
      }
    };

    final int epochs;

    Healthy(int epochs) {
      this.epochs = epochs;
    }

    abstract MadeUpCurves curves(Noise noise);
  }

  /** The same number for the same place. */
  record Noise(long seed) {
    double normal(int place) {
      SplittableRandom random = new SplittableRandom(seed * 1009 + place);
      double sum = -6;
      for (int i = 0; i < 12; i++) {
        sum += random.nextDouble();
      }
      return sum;
    }

    double of(int place, double deviation) {
      return Math.exp(deviation * normal(place));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsFoundInARunThatGoesWell(Healthy healthy) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Curves curves = healthy.curves(new Noise(seed)).curves();
      List<Finding> found =
          CurveReader.read(curves).findings().stream().filter(Finding::isDiagnosis).toList();
      assertEquals(List.of(), found, healthy + ", seed " + seed);
    }
  }

  @Test
  void theCauseComesFirstAndNothingTwice() {
    // The rate collapses in epoch 3 of 40, and the validation gets worse on top of it.
    Curves curves =
        new MadeUpCurves(40)
            .train(e -> e < 3 ? 2.3 / e : 1.1 - 0.0005 * e, l -> 1 - l / 2)
            .validation(e -> e < 4 ? 1.2 : 1.4 + 0.03 * e, e -> 0.38)
            .rate(e -> e < 3 ? 0.1 : 1e-5)
            .curves();
    List<Finding> findings = CurveReader.read(curves).findings();
    assertEquals(
        List.of(Diagnosis.LR_SCHEDULE_COLLAPSE, Diagnosis.OVERFITTING),
        findings.stream().map(Finding::diagnosis).toList());
    assertEquals(
        List.of(Role.PRIMARY, Role.MECHANISM), findings.stream().map(Finding::role).toList());
    Curves both =
        new MadeUpCurves(12)
            .train(e -> 1.5 + e % 2 + (e == 12 ? 9 : 0))
            .curves(); // diverges and jumps: too high a rate, once
    assertEquals(
        List.of(Diagnosis.LR_TOO_HIGH),
        CurveReader.read(both).findings().stream().map(Finding::diagnosis).toList());
  }

  @Test
  void whatCurvesDoNotTellIsSaid() {
    Curves few = new MadeUpCurves(2).train(e -> 1.0 / e).classes(0).curves();
    String untold = String.join("\n", CurveReader.read(few).untold());
    for (String part :
        List.of("2 epochs are too few", "validation", "learning rate", "--classes", "--doctor")) {
      assertTrue(untold.contains(part), part + " in " + untold);
    }
    List<String> full = CurveReader.read(Healthy.ANNEALED.curves(new Noise(1)).curves()).untold();
    assertEquals(1, full.size(), full.toString());
    assertTrue(full.get(0).contains("seldom why"), full.get(0));
  }

  @Test
  void whoHasHadADoctorIsNotSentToOne() {
    Curves flat = new MadeUpCurves(6).train(e -> 2.3 + 0.003 * Math.sin(9 * e)).curves();
    assertTrue(CurveReader.read(flat).toString().contains("--doctor probe"));
    CurveReading reading = CurveReader.read(flat.ofTriedRun());
    assertEquals(Diagnosis.LR_TOO_HIGH, reading.findings().get(0).diagnosis());
    assertFalse(reading.toString().contains("--doctor"), reading::toString);
    assertFalse(reading.toString().contains("with the doctor"), reading::toString);
    String untold = String.join("\n", reading.untold());
    for (String part : List.of("seldom why", "./gradus check", "./gradus lr-find")) {
      assertTrue(untold.contains(part), part + " in " + untold);
    }
  }

  /** The validation was made in every second epoch, and once was no number. */
  @Test
  void epochsWithoutAValidationDoNotHideTheOthers() {
    Curves curves =
        new MadeUpCurves(24)
            .train(e -> 2 * Math.exp(-0.3 * e))
            .validation(
                e -> e % 2 == 1 || e == 14 ? Double.NaN : 1 + 0.1 * Math.abs(e - 6),
                e -> Double.NaN)
            .curves();
    CurveReading reading = CurveReader.read(curves);
    assertEquals(Diagnosis.OVERFITTING, reading.findings().get(0).diagnosis());
    assertTrue(reading.findings().get(0).cause().contains("lowest in epoch 6"));
    assertEquals(11, reading.findings().get(0).evidence().get(0).chart().lines().get(1).y().size());
    assertTrue(reading.untold().get(0).contains("11 of 24 epochs"), reading.untold()::toString);
  }
}

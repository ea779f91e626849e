package gradus.doctor.cause;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.LossRange;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.Symptoms;
import gradus.doctor.SyntheticHistory;
import gradus.doctor.trial.Trials;
import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the causes make of histories alone, where no trial is allowed. */
class DecisionListTest {
  private static Optional<Finding> examine(Cause cause, SyntheticHistory run) {
    return examine(cause, run.build());
  }

  private static Optional<Finding> examine(Cause cause, History history) {
    Map<Symptom, String> symptoms = Symptoms.of(history);
    Trials none = new Trials(null, null, null, new LossRange(Math.log(10), 0), 0);
    return cause.examine(new Case(null, history, symptoms, none));
  }

  private static Finding note(Diagnosis diagnosis) {
    return Finding.note(diagnosis, "unusual", Remedy.of("change it"));
  }

  @Test
  void whatShowsWithoutACauseIsSaid() {
    SyntheticHistory flat = SyntheticHistory.healthy().loss(p -> Math.log(10)).accuracy(p -> 0.1);
    Finding open = examine(Unexplained::of, flat.ends(StopReason.COMPLETED)).orElseThrow();
    assertEquals(Diagnosis.UNEXPLAINED, open.diagnosis());
    assertEquals(Symptom.FLAT, open.symptom());
    assertTrue(open.cause().startsWith("The loss stays where guessing would be"), open::cause);
    assertFalse(open.isDiagnosis(), "nobody is told a cause");
    assertTrue(
        examine(Unexplained::of, memorizing().ends(StopReason.COMPLETED)).isEmpty(),
        "what generalises badly trains well");
  }

  @Test
  void overfitting() {
    Finding finding = examine(new Overfitting(), memorizing()).orElseThrow();
    assertEquals(Diagnosis.OVERFITTING, finding.diagnosis());
    assertEquals(Finding.Role.PRIMARY, finding.role());
    assertTrue(finding.cause().contains("since epoch 2"), finding::cause);
    assertTrue(examine(new Overfitting(), SyntheticHistory.healthy()).isEmpty());
    SyntheticHistory surer =
        SyntheticHistory.healthy()
            .validation(p -> p < 0.3 ? 0.5 - p : 0.2 + p - 0.3, p -> Math.min(0.92, 2 * p));
    assertTrue(Symptoms.of(surer.build()).containsKey(Symptom.RISING));
    assertTrue(examine(new Overfitting(), surer).isEmpty(), "as many are right as ever");
  }

  @Test
  void rareClassesThatAreNotFound() {
    // Every class has its share here, so that none is rare and none can be neglected for it.
    List<Integer> found = List.of(50, 50, 50, 50, 50, 0, 0, 0, 0, 0);
    List<Integer> said = List.of(100, 100, 100, 100, 100, 0, 0, 0, 0, 0);
    SyntheticHistory even =
        SyntheticHistory.healthy(note(Diagnosis.CLASS_IMBALANCE)).predicts(found, said);
    assertTrue(examine(new Imbalance(), even).isEmpty());
    SyntheticHistory uneven =
        SyntheticHistory.healthy(note(Diagnosis.CLASS_IMBALANCE))
            .shares(List.of(0.19, 0.19, 0.19, 0.19, 0.19, 0.01, 0.01, 0.01, 0.01, 0.01))
            .predicts(found, said);
    Finding finding = examine(new Imbalance(), uneven).orElseThrow();
    assertEquals(Diagnosis.CLASS_IMBALANCE, finding.diagnosis());
    History fewer = uneven.build(); // classes among the validation images
    fewer.add(
        new Checkup(
            5,
            500,
            fewer.last().train(),
            new Checkup.Judgement(
                450, 1, 0.5, found.subList(0, 9), found.subList(0, 9), said.subList(0, 9))));
    assertTrue(
        examine(new Imbalance(), fewer).isEmpty(), "where there are rare ones, all are found");
    assertTrue(
        examine(new Imbalance(), SyntheticHistory.healthy().predicts(found, said)).isEmpty(),
        "no note, no diagnosis");
  }

  @Test
  void validationInTrainingMode() {
    Finding finding =
        examine(new EvaluationMode(), SyntheticHistory.healthy().reports(0.5)).orElseThrow();
    assertEquals(Diagnosis.EVAL_MODE_ERROR, finding.diagnosis());
    assertTrue(examine(new EvaluationMode(), SyntheticHistory.healthy()).isEmpty());
    SyntheticHistory within = SyntheticHistory.healthy().reports(0.2).until(0.55);
    assertTrue(examine(new EvaluationMode(), within).isEmpty(), "the report is of earlier weights");
    History averaged = SyntheticHistory.healthy().reports(0.5).build();
    averaged.validatesAverage();
    assertTrue(examine(new EvaluationMode(), averaged).isEmpty(), "the report is of other weights");
  }

  @Test
  void aRateThatCollapsed() {
    SyntheticHistory run =
        SyntheticHistory.healthy()
            .loss(p -> Math.max(1.6, 2.3 - 10 * p))
            .rate(p -> p < 0.1 ? 0.05 : 0.05e-3)
            .until(0.8);
    Finding finding = examine(new ScheduleCollapse(), run).orElseThrow();
    assertEquals(Diagnosis.LR_SCHEDULE_COLLAPSE, finding.diagnosis());
    assertTrue(finding.cause().contains("from 0.05 to below"), finding::cause);
    SyntheticHistory cosine =
        SyntheticHistory.healthy()
            .loss(p -> Math.max(1.6, 2.3 - 10 * p))
            .rate(p -> 0.025 * (1 + Math.cos(Math.PI * p)))
            .until(0.99);
    assertTrue(examine(new ScheduleCollapse(), cosine).isEmpty(), "it ends with the run");
    Schedule restarts = Schedule.cosineWarmRestarts(0.4, 1, 0);
    SyntheticHistory again = run.rate(p -> 0.05 * restarts.factor(p)).until(0.6);
    assertTrue(examine(new ScheduleCollapse(), again).isEmpty(), "it has come back");
    History resumed =
        run.rate(p -> 1 + Math.cos(2 * Math.PI * Math.min(p, 0.5))).until(0.8).build();
    assertTrue(examine(new ScheduleCollapse(), resumed).isPresent());
    resumed.resume(List.copyOf(resumed.epochs().subList(0, 2)), false);
    assertTrue(examine(new ScheduleCollapse(), resumed).isEmpty(), "at nine tenths of the run");
    SyntheticHistory since =
        SyntheticHistory.healthy().epochs(20).loss(p -> 1.6).rate(p -> 1e-5).until(0.8);
    assertEquals(301, collapsedAfter(since.build(), 0.05, 0.04, 0.03), "when it was resumed");
    assertEquals(200, collapsedAfter(since.build(), 0.05, 1e-5, Double.NaN));
    assertEquals(-1, collapsedAfter(since.build(), 1e-5, 1e-5, 1e-5), "from nothing");
  }

  /** Of 100 steps each had these rates in the end; the step that the finding names, or -1. */
  private static long collapsedAfter(History resumed, double... rates) {
    List<EpochReport> earlier = new ArrayList<>();
    for (double rate : rates) {
      earlier.add(new EpochReport(earlier.size() + 1, 1.6, 0.5, 1.6, 0.5, rate, 1, 1));
    }
    resumed.resume(earlier, false);
    return examine(new ScheduleCollapse(), resumed)
        .map(finding -> finding.cause().replaceAll(".* by step (\\d+) of .*", "$1"))
        .map(Long::valueOf)
        .orElse(-1L);
  }

  @Test
  void numbersThatGrowWithoutBounds() {
    SyntheticHistory run = SyntheticHistory.healthy().loss(p -> p > 0.1 ? Double.NaN : 2);
    Finding finding = examine(new ExplodingGradients(), run).orElseThrow();
    assertEquals(Diagnosis.EXPLODING_GRADIENTS, finding.diagnosis());
    assertEquals(Case.SUSPECTED, finding.confidence());
  }

  @Test
  void tooFewEpochsOrTooLittlePatience() {
    SyntheticHistory rising =
        SyntheticHistory.healthy()
            .epochs(3)
            .loss(p -> 2.3 * (1 - 0.5 * p))
            .accuracy(p -> 0.1 + 0.5 * p);
    assertEquals(
        Diagnosis.UNDERTRAINED,
        examine(new Undertrained(), rising.ends(StopReason.COMPLETED)).orElseThrow().diagnosis());
    Finding eager =
        examine(new Undertrained(), rising.ends(StopReason.EARLY_STOPPING)).orElseThrow();
    assertEquals(Diagnosis.EARLY_STOPPING_TOO_EAGER, eager.diagnosis());
    assertEquals("--early-stopping 10", eager.remedy().option());
    assertTrue(examine(new Undertrained(), rising.ends(StopReason.REQUESTED)).isEmpty());
  }

  @Test
  void unusualWiringMattersOnlyWhereTheRunLearnsBadly() {
    Finding wiring = note(Diagnosis.ARCHITECTURE_DEFECT);
    assertTrue(
        examine(
                new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.SUSPECTED),
                SyntheticHistory.healthy(wiring))
            .isEmpty());
    Finding finding =
        examine(
                new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.SUSPECTED),
                SyntheticHistory.healthy(wiring).loss(p -> Math.log(10)).accuracy(p -> 0.1))
            .orElseThrow();
    assertEquals(Diagnosis.ARCHITECTURE_DEFECT, finding.diagnosis());
    assertEquals(Finding.Role.PRIMARY, finding.role());
    assertEquals(Symptom.FLAT, finding.symptom());
  }

  @Test
  void smoothedLabelsMatterOnlyWhereTheRunLearnsBadly() {
    Cause cause = new Noted(Diagnosis.OVER_REGULARIZATION, Case.SUSPECTED);
    Finding smoothing = note(Diagnosis.OVER_REGULARIZATION);
    assertTrue(examine(cause, SyntheticHistory.healthy(smoothing)).isEmpty());
    SyntheticHistory flat =
        SyntheticHistory.healthy(smoothing).loss(p -> Math.log(10)).accuracy(p -> 0.1);
    assertEquals(Case.LIKELY, examine(cause, flat).orElseThrow().confidence());
    assertTrue(
        examine(cause, SyntheticHistory.healthy().loss(p -> Math.log(10)).accuracy(p -> 0.1))
            .isEmpty());
  }

  @Test
  void wiringThatCannotWorkIsToldFromWiringThatMayNot() {
    SyntheticHistory run =
        SyntheticHistory.healthy(note(Diagnosis.ARCHITECTURE_DEFECT))
            .loss(p -> Math.log(10))
            .accuracy(p -> 0.1);
    assertTrue(examine(new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.LIKELY), run).isEmpty());
    SyntheticHistory certain =
        SyntheticHistory.healthy(note(Diagnosis.ARCHITECTURE_DEFECT).confirmed(0.75))
            .loss(p -> Math.log(10))
            .accuracy(p -> 0.1);
    assertTrue(examine(new Noted(Diagnosis.ARCHITECTURE_DEFECT, Case.LIKELY), certain).isPresent());
  }

  @Test
  void trainingLabelsThatAreWrong() {
    Finding[] imbalance = {note(Diagnosis.CLASS_IMBALANCE)};
    Finding finding = examine(new TrainingLabels(), reversed()).orElseThrow();
    assertEquals(Diagnosis.LABEL_NOISE, finding.diagnosis());
    assertTrue(examine(new TrainingLabels(), SyntheticHistory.healthy()).isEmpty());
    assertTrue(
        examine(new TrainingLabels(), reversed(imbalance)).isEmpty(),
        "rare classes are harder as well");
  }

  private static SyntheticHistory reversed(Finding... notes) {
    return SyntheticHistory.healthy(notes)
        .loss(p -> 2.3 - 0.8 * p)
        .accuracy(p -> 0.1 + 0.4 * p)
        .validation(p -> 2.3 - 1.5 * p, p -> 0.1 + 0.7 * p);
  }

  @Test
  void soFewImagesThatTheyAreTheCause() {
    SyntheticHistory run = memorizing().batch(1); // 100 images
    Finding finding = examine(new TooFewImages(TooFewImages.FAR_TOO_FEW), run).orElseThrow();
    assertEquals(Diagnosis.INSUFFICIENT_DATA, finding.diagnosis());
    assertEquals(Case.CONFIRMED, finding.confidence());
    SyntheticHistory more = memorizing().batch(4);
    assertTrue(examine(new TooFewImages(TooFewImages.FAR_TOO_FEW), more).isEmpty());
    assertTrue(examine(new TooFewImages(TooFewImages.FEW), more).isPresent());
    assertTrue(examine(new TooFewImages(TooFewImages.FEW), memorizing()).isEmpty());
  }

  @Test
  void imagesOfWritingAreNotMirrored() {
    SyntheticHistory photos = memorizing().batch(1).images(Shape.of(3, 24, 48));
    Remedy remedy = remedy(photos);
    assertEquals("--augment crop,flip", remedy.option());
    assertEquals(
        "new RandomCrop(24, 48, 3, PaddingMode.REFLECT, 0).then(new RandomHorizontalFlip())",
        remedy.java());
    SyntheticHistory writing = memorizing().batch(1).images(Shape.of(1, 28, 28));
    assertEquals("--augment rotate,shift,zoom", remedy(writing).option());
    assertEquals(
        "--early-stopping 10 --augment rotate,shift,zoom --weight-decay 0.01",
        examine(new Overfitting(), writing).orElseThrow().remedy().option());
  }

  @Test
  void whatARunHasAlreadyIsNoRemedy() {
    SyntheticHistory augmented = memorizing().batch(1).augments();
    assertNull(remedy(augmented).option(), "another augmentation would take the place of its own");
    assertEquals(
        "--early-stopping 10 --weight-decay 0.01",
        examine(new Overfitting(), augmented).orElseThrow().remedy().option());
    Remedy stopped =
        examine(new Overfitting(), augmented.decay(0.05).ends(StopReason.EARLY_STOPPING))
            .orElseThrow()
            .remedy();
    assertEquals("--dropout 0.5", stopped.option());
    assertEquals("Add dropout; collect more images.", stopped.sentence());
  }

  private static Remedy remedy(SyntheticHistory run) {
    return examine(new TooFewImages(TooFewImages.FAR_TOO_FEW), run).orElseThrow().remedy();
  }

  @Test
  void weightsByTheThousandForEachImage() {
    assertTrue(examine(new TooLarge(), memorizing()).isEmpty());
    Finding finding = examine(new TooLarge(), memorizing().parameters(10_000_000)).orElseThrow();
    assertEquals(Diagnosis.CAPACITY_TOO_HIGH, finding.diagnosis());
    assertTrue(
        examine(new TooLarge(), SyntheticHistory.healthy().parameters(10_000_000)).isEmpty());
  }

  private static SyntheticHistory memorizing() {
    return SyntheticHistory.healthy()
        .validation(p -> p < 0.3 ? 1.5 - p : 1.2 + 2 * (p - 0.3), p -> 0.6);
  }

  /** Nothing speaks for any cause in a run that goes well, whatever was noted before it. */
  @Test
  void aHealthyRunHasNoCause() {
    Finding[] notes =
        Collections.nCopies(1, note(Diagnosis.INPUT_NOT_NORMALIZED)).toArray(new Finding[0]);
    History history = SyntheticHistory.healthy(notes).ends(StopReason.COMPLETED).build();
    assertEquals(Map.of(), Symptoms.of(history));
  }
}

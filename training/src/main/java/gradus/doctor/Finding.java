package gradus.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the doctor has found.
 *
 * @param confidence from 0 to 1: 0.5 one statistic, 0.75 with one that tells it from its likes, 0.9
 *     confirmed by changing it, 1 certain
 * @param symptom what made the doctor look; null for a note
 * @param cause in plain words, with the numbers
 * @param epoch in which it was found, from 1; 0 before training
 * @param step in which it was found, over the whole run; 0 before training
 */
public record Finding(
    Diagnosis diagnosis,
    Role role,
    double confidence,
    Symptom symptom,
    String cause,
    List<Evidence> evidence,
    Remedy remedy,
    int epoch,
    long step) {
  /** What part it plays. */
  public enum Role {
    /** The cause: change this. */
    PRIMARY,
    /** How the cause does its harm, or what it brings about. */
    MECHANISM,
    /** Unusual, but the run shows no harm of it. */
    NOTE
  }

  /** The list is copied. */
  public Finding {
    evidence = List.copyOf(evidence);
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("A confidence of " + confidence + " is not in 0 to 1.");
    }
  }

  /** Something unusual, found before training. */
  public static Finding note(Diagnosis diagnosis, String cause, Remedy remedy, Evidence... facts) {
    return new Finding(diagnosis, Role.NOTE, 0.5, null, cause, List.of(facts), remedy, 0, 0);
  }

  /** A defect that is certain before training. */
  public static Finding certain(
      Diagnosis diagnosis, String cause, Remedy remedy, Evidence... facts) {
    return new Finding(
        diagnosis, Role.PRIMARY, 1, Symptom.STATIC, cause, List.of(facts), remedy, 0, 0);
  }

  /** Whether it says that something is wrong, rather than unusual. */
  public boolean isDiagnosis() {
    return role != Role.NOTE;
  }

  /** The same in another role. */
  public Finding as(Role other) {
    return new Finding(diagnosis, other, confidence, symptom, cause, evidence, remedy, epoch, step);
  }

  /** The same found by another symptom, at another time. */
  public Finding at(Symptom seen, int epochNow, long stepNow) {
    return new Finding(
        diagnosis, role, confidence, seen, cause, evidence, remedy, epochNow, stepNow);
  }

  /** The same with more facts and another confidence. */
  public Finding confirmed(double certainty, Evidence... facts) {
    List<Evidence> all = new ArrayList<>(evidence);
    all.addAll(List.of(facts));
    return new Finding(diagnosis, role, certainty, symptom, cause, all, remedy, epoch, step);
  }

  /** One line: {@code learning rate too high (critical, 90 % sure): the steps ...}. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        "%s (%s, %.0f %% sure): %s",
        diagnosis.label(),
        diagnosis.severity().name().toLowerCase(Locale.ROOT),
        100 * confidence,
        cause);
  }
}

package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Finding.Role;
import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Says what learning curves show, and what they cannot. */
public final class CurveReader {
  private static final int MOST_MECHANISMS = 2;
  private static final int FEW_EPOCHS = 5;

  /** Of several that fit the first is the cause. */
  private static final List<CurveRule> RULES =
      List.of(
          new NonFiniteLoss(),
          new Divergence(),
          new RateCollapse(),
          new FlatLoss(),
          new SlowLoss(),
          new Oscillation(),
          new WideningGap(),
          new StillImproving());

  private CurveReader() {}

  /** Reads them. */
  public static CurveReading read(Curves curves) {
    return new CurveReading(findings(curves), untold(curves));
  }

  private static List<Finding> findings(Curves curves) {
    List<Finding> findings = new ArrayList<>();
    List<Finding> notes = new ArrayList<>();
    Set<Diagnosis> named = EnumSet.noneOf(Diagnosis.class);
    for (CurveRule rule : RULES) {
      Finding finding = rule.examine(curves).orElse(null);
      if (finding == null || !named.add(finding.diagnosis())) {
        continue;
      }
      if (!finding.isDiagnosis()) {
        notes.add(finding);
      } else if (findings.size() <= MOST_MECHANISMS) {
        findings.add(findings.isEmpty() ? finding : finding.as(Role.MECHANISM));
      }
    }
    findings.addAll(notes);
    return findings;
  }

  private static List<String> untold(Curves curves) {
    List<String> untold = new ArrayList<>();
    if (curves.restarts() > 0) {
      untold.add(
          "The epochs begin again in it, as where runs are appended to one file: of an epoch that"
              + " is there more than once the last counts, and what was before is left out.");
    }
    if (curves.size() < FEW_EPOCHS && curves.nonFiniteEpoch() == 0) {
      untold.add(
          (curves.size() == 1 ? "One epoch is" : curves.size() + " epochs are")
              + " too few to see whether it still gets better, jumps or overfits.");
    }
    int validated = curves.validated().size();
    if (validated > 0 && validated < curves.size()) {
      untold.add(
          "There are numbers of a validation in only "
              + validated
              + " of "
              + curves.size()
              + " epochs: what it did in between does not show.");
    }
    if (validated == 0) {
      untold.add("There are no numbers of a validation, so overfitting would not show.");
    }
    if (!curves.has(EpochReport::trainLoss)) {
      untold.add(
          "There is no training loss, so learning by heart and learning nothing look alike.");
    }
    if (!curves.has(EpochReport::learningRate)) {
      untold.add("There is no learning rate, so a schedule that ends too early would not show.");
    }
    if (curves.classes() < 2) {
      untold.add(
          "The number of classes is not known, so what guessing costs is not either: --classes N"
              + " says it.");
    }
    untold.add(
        "Curves show that a run does badly, seldom why: data, weights and gradients are not in"
            + " them. "
            + (curves.tried()
                ? "The doctor who watched this run has seen those. ./gradus check says whether a"
                    + " batch can be learned by heart, ./gradus lr-find what other learning rates"
                    + " do."
                : "A doctor who watches, ./gradus train --doctor probe, sees those and tries what"
                    + " helps."));
    return untold;
  }
}

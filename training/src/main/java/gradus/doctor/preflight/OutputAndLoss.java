package gradus.doctor.preflight;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.Activation;
import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.signal.Operation;
import gradus.doctor.signal.Structure;
import gradus.loss.BCEWithLogitsLoss;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import gradus.tensor.Batch;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Asks whether labels, output and loss fit each other: labels within the classes, as many outputs
 * as classes, logits for the losses that take logits, and a loss that can be computed at all.
 */
final class OutputAndLoss implements PreflightCheck {
  /** They bound what a logit can be; the others at least let it grow to one side. */
  private static final Set<Activation.Kind> BOUNDS =
      EnumSet.of(
          Activation.Kind.SIGMOID,
          Activation.Kind.TANH,
          Activation.Kind.RELU,
          Activation.Kind.RELU6);

  @Override
  public List<Finding> examine(Subject subject) {
    List<Finding> found = labels(subject.train().dataset(), "training");
    if (found.isEmpty() && subject.validation() != null) {
      found = labels(subject.validation().dataset(), "validation");
    }
    found = found.isEmpty() ? lastLayer(subject) : found;
    found = found.isEmpty() ? computed(subject) : found;
    return found.isEmpty() ? outputs(subject) : found;
  }

  private static List<Finding> labels(Dataset data, String part) {
    int[] outside = Labels.outside(data).toArray();
    if (outside.length == 0) {
      return List.of();
    }
    int first = outside[0];
    return List.of(
        mismatch(
            String.format(
                Locale.ROOT,
                "%,d %s labels are not among the %d classes, which count from 0.",
                outside.length,
                part,
                data.classNames().size()),
            Remedy.of("Number the classes from 0, and name every one of them in classNames()."),
            Evidence.of(data.describe(first) + " has the label " + data.label(first) + ".")));
  }

  private static List<Finding> lastLayer(Subject subject) {
    if (!takesLogits(subject)) {
      return List.of();
    }
    Structure structure = Structure.of(subject.model());
    int last = structure.output();
    while (last != Structure.IMAGES && passesOn(structure.operations().get(last).kind())) {
      last = structure.operations().get(last).inputs().get(0);
    }
    if (last == Structure.IMAGES) {
      return List.of();
    }
    Operation end = structure.operations().get(last);
    boolean isSoftmax = end.kind() == Operation.Kind.SOFTMAX;
    if (!isSoftmax
        && !(end.kind() == Operation.Kind.ACTIVATION && BOUNDS.contains(end.function().kind()))) {
      return List.of();
    }
    String loss = subject.loss().getClass().getSimpleName();
    String harm =
        isSoftmax && subject.loss() instanceof CrossEntropyLoss
            ? String.format(
                Locale.ROOT,
                "probabilities taken for logits cannot bring the loss below %.2f",
                Math.log(1 + (subject.classes() - 1) / Math.E))
            : "it cannot give the logits that a sure answer needs";
    return List.of(
        mismatch(
            String.format(
                Locale.ROOT,
                "The network ends with %s \"%s\", but %s takes logits and applies %s itself: %s.",
                end.name(),
                end.path(),
                loss,
                subject.loss() instanceof BCEWithLogitsLoss ? "the sigmoid" : "softmax",
                harm),
            Remedy.of(
                "Leave the last " + end.name() + " out; Predictor gives probabilities anyway.")));
  }

  private static boolean takesLogits(Subject subject) {
    return subject.loss() instanceof CrossEntropyLoss
        || subject.loss() instanceof FocalLoss
        || subject.loss() instanceof BCEWithLogitsLoss;
  }

  private static boolean passesOn(Operation.Kind kind) {
    return kind == Operation.Kind.FLATTEN || kind == Operation.Kind.SCALE;
  }

  /** Computes the loss of a few images as training will, and passes the complaint on. */
  private static List<Finding> computed(Subject subject) {
    try (DataLoader loader = subject.train().toBuilder().batchSize(4).workers(0).build()) {
      for (Batch batch : loader.epoch(0)) {
        try (Pass pass = Pass.evaluating(subject.model().backend())) {
          Tensor output = subject.model().forward(pass.images(batch));
          subject
              .loss()
              .apply(
                  output, subject.loss().target(pass, batch, subject.model().outputShape().dim(0)));
        }
        break;
      }
    } catch (GradusException complaint) {
      String java = "new Linear(" + subject.classes() + ") as the last layer";
      return List.of(
          mismatch(
              "The loss of the first images cannot be computed: " + complaint.getMessage(),
              new Remedy(
                  "End the network with one output for each class, and nothing else.",
                  java,
                  null)));
    }
    return List.of();
  }

  /** Fewer outputs than classes have been refused by the loss, unless the classes are not used. */
  private static List<Finding> outputs(Subject subject) {
    int outputs = subject.model().outputShape().dim(0);
    int classes = subject.classes();
    if (outputs == classes || subject.model().outputShape().rank() != 1) {
      return List.of();
    }
    Remedy remedy =
        new Remedy(
            "Give the last layer one output for each class.", "new Linear(" + classes + ")", null);
    String cause = "The network has " + outputs + " outputs, but the data " + classes + " classes";
    return List.of(
        outputs < classes
            ? mismatch(cause + ": the last ones can never be predicted.", remedy)
            : Finding.note(
                Diagnosis.LOSS_OUTPUT_MISMATCH,
                cause + ": the others must be unlearned first.",
                remedy));
  }

  private static Finding mismatch(String cause, Remedy remedy, Evidence... facts) {
    return Finding.certain(Diagnosis.LOSS_OUTPUT_MISMATCH, cause, remedy, facts);
  }
}

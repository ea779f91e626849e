package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.doctor.signal.Operation;
import gradus.doctor.signal.Operation.Kind;
import gradus.doctor.signal.Structure;
import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Looks at the wiring: layers with weights and nothing nonlinear between them, which together can
 * do no more than one; convolutions over images that have shrunk to less than 2 x 2; features that
 * see only a small part of the image before all places are averaged.
 */
final class Architecture implements PreflightCheck {
  private static final double LEAST_VIEW = 0.25;

  @Override
  public List<Finding> examine(Subject subject) {
    Structure structure = Structure.of(subject.model());
    List<Finding> found = new ArrayList<>();
    List<String> linear = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    for (Operation operation : structure.operations()) {
      if (!operation.hasWeights()) {
        continue;
      }
      Operation before = linearlyBefore(structure, operation);
      if (before != null && !isFactor(before, operation)) {
        linear.add(
            before.name()
                + " "
                + before.path()
                + " and "
                + operation.name()
                + " "
                + operation.path());
      }
      Shape input = input(structure, operation, subject);
      if (looksAround(operation)
          && input != null
          && input.rank() == 3
          && Math.min(input.dim(1), input.dim(2)) < 2) {
        empty.add(operation.path());
      }
    }
    if (!linear.isEmpty()) {
      found.add(
          defect(
              "Nothing nonlinear lies between "
                  + Numbers.list(linear, 3)
                  + ": together they can do no more than one such layer.",
              "Put an activation between them.",
              "new ReLU()"));
    }
    if (!empty.isEmpty()) {
      found.add(
          defect(
              "The image has shrunk to less than 2 x 2 pixels before the convolution "
                  + Numbers.list(empty, 3)
                  + ": its kernel sees mostly padding.",
              "Use fewer strides and pools, or larger images.",
              "new Conv2d(channels, 3).padding(1).stride(1)"));
    }
    found.addAll(view(structure, subject));
    return found;
  }

  private static Finding defect(String cause, String remedy, String java) {
    return Finding.note(
            Diagnosis.ARCHITECTURE_DEFECT, cause, new Remedy(remedy, java, "--model deepercnn"))
        .confirmed(0.75);
  }

  /** The layer with weights whose output reaches this one through linear operations alone. */
  private static Operation linearlyBefore(Structure structure, Operation operation) {
    int at = operation.inputs().get(0);
    while (at != Structure.IMAGES) {
      Operation before = structure.operations().get(at);
      if (before.hasWeights()) {
        return before;
      }
      switch (before.kind()) {
        case NORM, AVERAGE_POOL, FLATTEN, SCALE -> at = before.inputs().get(0);
        default -> {
          return null; // nonlinear, joined with another branch, or unknown
        }
      }
    }
    return null;
  }

  /**
   * Convolutions of one pixel, or of single channels, are often one half of a larger one on
   * purpose: depthwise separable ones, linear bottlenecks, patches and their projection.
   */
  private static boolean isFactor(Operation a, Operation b) {
    return a.kind() == Kind.CONVOLUTION
        && b.kind() == Kind.CONVOLUTION
        && (isHalf(a) || isHalf(b) || a.window().height() != a.window().width());
  }

  private static boolean isHalf(Operation convolution) {
    boolean pointwise = convolution.window().height() == 1 && convolution.window().width() == 1;
    boolean grouped = convolution.weight().shape().dim(1) == 1;
    return pointwise || grouped;
  }

  private static Shape input(Structure structure, Operation operation, Subject subject) {
    int at = operation.inputs().get(0);
    return at == Structure.IMAGES
        ? subject.model().inputShape()
        : structure.operations().get(at).output();
  }

  /** What a pixel sees of the image where the network averages over all places. */
  private static List<Finding> view(Structure structure, Subject subject) {
    List<Operation> all = structure.operations();
    int size = all.size();
    int[] seen = new int[size];
    int[] step = new int[size];
    Shape image = subject.model().inputShape();
    for (int i = 0; i < size; i++) {
      Operation operation = all.get(i);
      boolean averagesAll =
          operation.kind() == Kind.AVERAGE_POOL
              && operation.output() != null
              && operation.output().rank() == 3
              && operation.output().dim(1) * operation.output().dim(2) == 1;
      for (int input : operation.inputs()) {
        int before = input == Structure.IMAGES ? 1 : seen[input];
        int stride = input == Structure.IMAGES ? 1 : step[input];
        if (operation.kind() == Kind.OPAQUE || before < 0) {
          seen[i] = -1; // who knows
          break;
        }
        int window = operation.window() == null ? 1 : operation.window().height();
        seen[i] = Math.max(seen[i], before + (window - 1) * stride);
        int own = operation.window() == null ? 1 : operation.window().strideH();
        step[i] = Math.max(step[i], stride * own);
      }
      int input = operation.inputs().get(0);
      int view = input == Structure.IMAGES ? -1 : seen[input];
      if (averagesAll && isLast(structure, i) && view > 0 && view < LEAST_VIEW * image.dim(1)) {
        return List.of(
            Finding.note(
                Diagnosis.ARCHITECTURE_DEFECT,
                String.format(
                    Locale.ROOT,
                    "A feature sees only %d x %d of the %d x %d pixels when all places are averaged:"
                        + " it cannot know shapes larger than that.",
                    view,
                    view,
                    image.dim(1),
                    image.dim(2)),
                new Remedy(
                    "Add convolutions or pools before the average.",
                    "new Conv2d(channels, 3).padding(1), new ReLU(), new MaxPool2d(2)",
                    "--model deepercnn"),
                Evidence.of("The average is " + operation.path() + ".")));
      }
    }
    return List.of();
  }

  /** Whether no convolution over more than a pixel comes after it, and it is no gate of a block. */
  private static boolean isLast(Structure structure, int pool) {
    List<Operation> all = structure.operations();
    return !structure.isInGate(pool)
        && all.subList(pool + 1, all.size()).stream().noneMatch(Architecture::looksAround);
  }

  private static boolean looksAround(Operation operation) {
    return operation.kind() == Kind.CONVOLUTION
        && Math.max(operation.window().height(), operation.window().width()) > 1;
  }
}

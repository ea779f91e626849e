package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.spec.Conv2dSpec;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * By what one pass of a convolution can be made, best first. cuDNN may refuse what its own
 * heuristics offered; the next one then takes its place for good, so that a run that is repeated
 * comes to the same.
 */
final class ConvolutionChoices {
  private static final Logger LOG = System.getLogger(ConvolutionChoices.class.getName());

  private final ConvolutionPass pass;
  private final Conv2dSpec spec;
  private final Supplier<Optional<List<ConvolutionChoice>>> more; // empty when there are no more
  private final Supplier<GradusException> none; // what to say if cuDNN has offered nothing
  private final Deque<ConvolutionChoice> left = new ArrayDeque<>();
  private final List<String> refused = new ArrayList<>();
  private boolean writes; // the best one has been seen to
  private boolean adds; // the same, to what is there

  ConvolutionChoices(
      ConvolutionPass pass,
      Conv2dSpec spec,
      Supplier<Optional<List<ConvolutionChoice>>> more,
      Supplier<GradusException> none) {
    this.pass = pass;
    this.spec = spec;
    this.more = more;
    this.none = none;
  }

  /**
   * The best one that has not been refused.
   *
   * @throws GradusException where there is none
   */
  ConvolutionChoice best() {
    if (!areLeft()) {
      throw nothingLeft();
    }
    return left.element();
  }

  /** Whether there are any that have not been refused. */
  boolean areLeft() {
    while (left.isEmpty()) {
      Optional<List<ConvolutionChoice>> next = more.get();
      if (next.isEmpty()) {
        return false;
      }
      left.addAll(next.get());
    }
    return true;
  }

  private GradusException nothingLeft() {
    return refused.isEmpty()
        ? none.get()
        : new GradusException(
            "cuDNN offered %d ways of the %s pass of %s, and then refused each: %s. Use a smaller batch, or --backend cpu."
                .formatted(refused.size(), pass, spec, String.join("; ", refused)));
  }

  /** Whether cuDNN has made the best one, with such a factor of the old contents. */
  boolean isProven(float beta) {
    return beta == 0 ? writes : adds;
  }

  /** From now on. */
  void prove(float beta) {
    writes |= beta == 0;
    adds |= beta != 0;
  }

  /** Goes on to the next one. */
  void refuse(String why) {
    String what = left.remove() + " " + why;
    refused.add(what);
    writes = false;
    adds = false;
    LOG.log(
        Level.WARNING,
        "The {0} pass of {1} is made in the next way cuDNN offers: {2}",
        pass,
        spec,
        what);
  }
}

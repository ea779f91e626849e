package gradus.autograd;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * One entry of the tape: what is needed to carry a gradient from an output back to the inputs. An
 * op's file holds a static {@code apply} that runs the forward kernel and records the op, and
 * {@link #backward}, its gradient.
 */
public abstract class Op {
  /**
   * Carries {@code output.gradient()} back: adds to the gradients of the inputs that want one, and
   * to those of the parameters. The output's value and gradient are dead afterwards, so both may be
   * overwritten.
   */
  protected abstract void backward(Pass pass, Tensor output);

  /**
   * Gives back what forward saved for backward. Called once, after backward or when the pass closes
   * without one.
   */
  protected void release(Pass pass) {}

  /**
   * For ops: the error when an input, or a parameter, is not of the shape the spec was made for. A
   * kernel trusts its spec and would read past the end.
   */
  protected static GradusException unfit(String op, Object what, Shape wanted) {
    return new GradusException(
        op
            + " was made for the shape "
            + wanted
            + ", but got "
            + what
            + ": a layer's forward must return the shape that its build announced.");
  }

  /** The name shown to people: {@code Conv2d}, {@code BatchNorm2d}. */
  public String name() {
    String simple = getClass().getSimpleName();
    return simple.endsWith("Op") ? simple.substring(0, simple.length() - 2) : simple;
  }
}

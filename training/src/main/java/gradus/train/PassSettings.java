package gradus.train;

import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.tensor.Precision;

/**
 * How a training pass computes.
 *
 * @param seed where its random stream starts
 * @param precision of its numbers
 * @param dropping whether dropout and stochastic depth drop anything
 */
record PassSettings(long seed, Precision precision, boolean dropping) {
  private static final long APART = 0xD1B54A32D192ED03L; // no step of a pass's own random stream

  /** The same with the random stream of one device of several; 0 is the one that leads. */
  PassSettings of(int device) {
    return new PassSettings(seed ^ device * APART, precision, dropping);
  }

  Pass open(Backend backend) {
    Pass pass = Pass.training(backend, seed).withPrecision(precision);
    return dropping ? pass : pass.withoutDropout();
  }
}

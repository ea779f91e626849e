package gradus.optim;

import gradus.GradusException;
import gradus.layer.ParameterStore;

/**
 * Keeps gradients within the range of float16 on their way back by a factor on the loss, which it
 * finds by itself: {@code s = s / 2} where a gradient came out infinite or NaN, and such an update
 * is left out; {@code s = 2 s} after 2000 good ones in a row. PyTorch's torch.amp.GradScaler
 * (Micikevicius et al. 2018, Mixed Precision Training, arXiv:1710.03740); a {@code Trainer} has
 * one.
 *
 * <pre>{@code
 * pass.backward(loss, scaler.scale());
 * scaler.step(optimizer); // or unscale, clip, and step
 * }</pre>
 *
 * <p>Starts at 65536 and stays from 1 to 2^24. PyTorch's goes on below 1, down to 0; but at 1 the
 * gradients themselves are beyond float16, and bfloat16 or float32 is the remedy.
 */
public final class GradScaler {
  private static final float INITIAL = 65536;
  private static final float LEAST = 1;
  private static final float LARGEST = 1 << 24;
  private static final float GROWTH = 2;
  private static final float BACKOFF = 0.5f;
  private static final int GROWTH_INTERVAL = 2000;

  private final ParameterStore parameters;
  private final GradientSpans gradients;
  private int growthInterval = GROWTH_INTERVAL;
  private float scale = INITIAL;
  private int goodUpdates;
  private long skipped;
  private boolean unscaled; // the gradients of the present update
  private double norm;

  /**
   * Where it stands, for checkpoints.
   *
   * @param scale of the next update, from 1 to 2^24
   * @param goodUpdates in a row so far, at this scale
   */
  public record State(float scale, int goodUpdates) {
    /** A state it can have. */
    public State {
      if (!(scale >= LEAST && scale <= LARGEST)) {
        throw new GradusException(
            "The scale of the loss is " + scale + ", but must be from 1 to 16777216 (2^24).");
      }
      if (goodUpdates < 0) {
        throw new GradusException(
            "The scale of the loss was good for " + goodUpdates + " updates, but 0 is the least.");
      }
    }
  }

  /** For a loss that these parameters are trained by. */
  public GradScaler(ParameterStore parameters) {
    this.parameters = parameters;
    this.gradients = new GradientSpans(parameters);
  }

  /**
   * After so many good updates in a row a larger scale is tried. Default 2000.
   *
   * @param updates from 1
   */
  public GradScaler growthInterval(int updates) {
    if (updates < 1) {
      throw new GradusException(
          "The scale of the loss is to grow after "
              + updates
              + " good updates, but must wait for at least 1; 2000 is usual.");
    }
    growthInterval = updates;
    return this;
  }

  /** What to multiply the loss by: the factor of {@code pass.backward(loss, scale)}. */
  public float scale() {
    unscaled = false;
    return scale;
  }

  /**
   * After the last backward of an update and before anything looks at its gradients: divides them
   * by the scale, and chooses that of the next update. Waits for the device. Frozen parameters and
   * those no backward has reached take no part. {@link #step} does it too; with clipping:
   *
   * <pre>{@code
   * if (scaler.unscale()) {
   *   clipping.clip(scaler.norm());
   * }
   * scaler.step(optimizer);
   * }</pre>
   *
   * @return whether all are finite
   * @throws IllegalStateException if they have been unscaled since {@link #scale}
   */
  public boolean unscale() {
    if (unscaled) {
      throw new IllegalStateException(
          "The gradients of this update are unscaled already: ask for scale() before each backward.");
    }
    gradients.choose();
    if (scale != 1) {
      gradients.scale(1 / scale);
    }
    unscaled = true;
    norm = gradients.norm();
    boolean finite = Double.isFinite(norm);
    if (!finite) {
      skipped++;
      goodUpdates = 0;
      scale = Math.max(LEAST, scale * BACKOFF);
    } else if (++goodUpdates >= growthInterval) {
      goodUpdates = 0;
      scale = Math.min(LARGEST, scale * GROWTH);
    }
    return finite;
  }

  /** The length of the gradients that {@link #unscale} came to; NaN or infinite of an overflow. */
  public double norm() {
    return norm;
  }

  /**
   * {@link #unscale}, unless that is done, then the optimizer's step if the gradients are finite;
   * else they are forgotten.
   *
   * @return whether it stepped
   * @throws GradusException if the optimizer has other parameters
   */
  public boolean step(Optimizer optimizer) {
    if (optimizer.parameters() != parameters) {
      throw new GradusException(
          "The scaler unscales the gradients of another model than the optimizer updates: make both"
              + " from the parameters of the model that is trained.");
    }
    boolean finite = unscaled ? Double.isFinite(norm) : unscale();
    unscaled = false;
    if (finite) {
      optimizer.step();
    } else {
      parameters.forgetGradients();
    }
    return finite;
  }

  /** Updates so far that were left out. */
  public long skipped() {
    return skipped;
  }

  /** Where it stands. */
  public State state() {
    return new State(scale, goodUpdates);
  }

  /** Looks for the scale anew, from 65536: for other weights than those it was found with. */
  public void restart() {
    restore(new State(INITIAL, 0));
  }

  /** Goes on from there. */
  public void restore(State state) {
    scale = state.scale;
    goodUpdates = state.goodUpdates;
    unscaled = false;
  }
}

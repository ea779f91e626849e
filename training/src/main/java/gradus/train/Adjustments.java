package gradus.train;

/**
 * What a {@link Treatable} run has been changed in, for checkpoints.
 *
 * @param rate what the learning rate is multiplied by
 * @param momentum of the optimizer, or null for the given one
 * @param clipNorm what the gradient is shortened to, or null for what was given
 * @param cosine the schedule that has replaced the given one, or null
 * @param penalties what weight decay and L1 penalties are multiplied by
 * @param dropout whether units are dropped at all
 * @param accumulation what the number of accumulated batches is multiplied by
 * @param order the seed of the order, or null for the given loader's
 */
record Adjustments(
    double rate,
    Double momentum,
    Double clipNorm,
    Cosine cosine,
    double penalties,
    boolean dropout,
    int accumulation,
    Long order) {
  static final Adjustments NONE = new Adjustments(1, null, null, null, 1, true, 1, null);

  /**
   * Half a cosine.
   *
   * @param peak its highest rate
   * @param from where it begins, in epochs since the run's beginning
   * @param epochs how long it takes
   */
  record Cosine(double peak, double from, double epochs) {}

  Adjustments withRate(double value) {
    return new Adjustments(
        value, momentum, clipNorm, cosine, penalties, dropout, accumulation, order);
  }

  Adjustments withMomentum(double value) {
    return new Adjustments(rate, value, clipNorm, cosine, penalties, dropout, accumulation, order);
  }

  Adjustments withClipNorm(double value) {
    return new Adjustments(rate, momentum, value, cosine, penalties, dropout, accumulation, order);
  }

  Adjustments withCosine(Cosine value) {
    return new Adjustments(1, momentum, clipNorm, value, penalties, dropout, accumulation, order);
  }

  Adjustments withPenalties(double value) {
    return new Adjustments(rate, momentum, clipNorm, cosine, value, dropout, accumulation, order);
  }

  Adjustments withoutDropout() {
    return new Adjustments(rate, momentum, clipNorm, cosine, penalties, false, accumulation, order);
  }

  Adjustments withAccumulation(int value) {
    return new Adjustments(rate, momentum, clipNorm, cosine, penalties, dropout, value, order);
  }

  Adjustments withOrder(long seed) {
    return new Adjustments(
        rate, momentum, clipNorm, cosine, penalties, dropout, accumulation, seed);
  }
}

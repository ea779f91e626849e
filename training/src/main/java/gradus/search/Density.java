package gradus.search;

import java.util.SplittableRandom;

/** How likely each place of a {@link Dimension} is, from 0 to below 1. */
interface Density {
  /** A place drawn from it. */
  double draw(SplittableRandom random);

  /** Its value at a place, above 0 everywhere; the integral is 1. */
  double at(double place);
}

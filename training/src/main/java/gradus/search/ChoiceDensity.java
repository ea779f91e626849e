package gradus.search;

import java.util.SplittableRandom;

/** How often each value of a choice was seen, each counted 1 / choices more than that. */
final class ChoiceDensity implements Density {
  private final double[] shares;

  ChoiceDensity(double[] places, int choices) {
    shares = new double[choices];
    double weight = 1.0 / (places.length + 1);
    for (int i = 0; i < choices; i++) {
      shares[i] = weight / choices;
    }
    for (double place : places) {
      shares[index(place)] += weight;
    }
  }

  private int index(double place) {
    return Math.min((int) (place * shares.length), shares.length - 1);
  }

  @Override
  public double draw(SplittableRandom random) {
    double left = random.nextDouble();
    int i = 0;
    while (i < shares.length - 1 && left >= shares[i]) {
      left -= shares[i++];
    }
    return (i + 0.5) / shares.length;
  }

  @Override
  public double at(double place) {
    return shares[index(place)] * shares.length;
  }
}

package gradus.examples.progress;

import gradus.train.LearningRateSweep;
import java.util.List;
import java.util.Locale;

/** A sweep of the learning rate as a table. */
public final class SweepTable {
  private static final int ROWS = 25;

  private SweepTable() {}

  /** The table with a heading: some 25 points evenly spread, the last one always among them. */
  public static String of(LearningRateSweep sweep) {
    List<LearningRateSweep.Point> points = sweep.points();
    int every = Math.max(1, (points.size() + ROWS - 1) / ROWS);
    StringBuilder table = new StringBuilder();
    table.append(String.format("%5s  %9s  %10s  %10s%n", "step", "rate", "loss", "smoothed"));
    for (int i = 0; i < points.size(); i++) {
      if ((points.size() - 1 - i) % every == 0) {
        LearningRateSweep.Point point = points.get(i);
        table.append(
            String.format(
                Locale.ROOT,
                "%5d  %9.2e  %10.4f  %10.4f%n",
                i + 1,
                point.learningRate(),
                point.loss(),
                sweep.smoothedLoss(i)));
      }
    }
    return table.toString();
  }
}

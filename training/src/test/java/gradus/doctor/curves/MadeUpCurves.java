package gradus.doctor.curves;

import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** Curves by formulas of the epoch, from 1. */
final class MadeUpCurves {
  private IntToDoubleFunction trainLoss = e -> Double.NaN;
  private IntToDoubleFunction trainAccuracy = e -> Double.NaN;
  private IntToDoubleFunction validationLoss = e -> Double.NaN;
  private IntToDoubleFunction validationAccuracy = e -> Double.NaN;
  private IntToDoubleFunction rate = e -> Double.NaN;
  private final int epochs;
  private int planned;
  private int classes = 10;

  MadeUpCurves(int epochs) {
    this.epochs = epochs;
  }

  MadeUpCurves train(IntToDoubleFunction loss, DoubleUnaryOperator accuracyOfLoss) {
    trainLoss = loss;
    trainAccuracy = e -> accuracyOfLoss.applyAsDouble(loss.applyAsDouble(e));
    return this;
  }

  MadeUpCurves train(IntToDoubleFunction loss) {
    trainLoss = loss;
    return this;
  }

  MadeUpCurves validation(IntToDoubleFunction loss, IntToDoubleFunction accuracy) {
    validationLoss = loss;
    validationAccuracy = accuracy;
    return this;
  }

  MadeUpCurves rate(IntToDoubleFunction value) {
    rate = value;
    return this;
  }

  MadeUpCurves planned(int value) {
    planned = value;
    return this;
  }

  MadeUpCurves classes(int value) {
    classes = value;
    return this;
  }

  Curves curves() {
    List<EpochReport> reports = new ArrayList<>();
    for (int e = 1; e <= epochs; e++) {
      reports.add(
          new EpochReport(
              e,
              trainLoss.applyAsDouble(e),
              trainAccuracy.applyAsDouble(e),
              validationLoss.applyAsDouble(e),
              validationAccuracy.applyAsDouble(e),
              rate.applyAsDouble(e),
              1,
              1000));
    }
    return new Curves(reports, classes, planned, 0);
  }

  /** Roughly how accuracy and cross-entropy go together over ten classes. */
  static double accuracy(double loss) {
    return Math.max(0.1, Math.min(1, 1 - loss / 2.9));
  }
}

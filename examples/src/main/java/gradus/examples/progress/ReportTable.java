package gradus.examples.progress;

import gradus.metric.ClassificationReport;
import gradus.metric.ClassificationReport.ClassReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How a classifier does, as two tables: each class, and all numbers over the classes. */
public final class ReportTable {
  private ReportTable() {}

  /** Both tables. A number the data does not define is shown as a dash. */
  public static String of(ClassificationReport report, List<String> classNames) {
    int width = classNames.stream().mapToInt(String::length).max().orElse(0);
    width = Math.max("class".length(), width);
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            "%-" + width + "s  %9s  %6s  %6s  %7s  %9s  %8s%n",
            "class",
            "precision",
            "recall",
            "F1",
            "ROC-AUC",
            "avg.prec.",
            "examples"));
    for (int c = 0; c < classNames.size(); c++) {
      ClassReport of = report.classes().get(c);
      table.append(
          String.format(
              Locale.ROOT,
              "%-" + width + "s  %9s  %6s  %6s  %7s  %9s  %,8d%n",
              classNames.get(c),
              number(of.scores().precision()),
              number(of.scores().recall()),
              number(of.scores().f1()),
              number(of.rocAuc()),
              number(of.averagePrecision()),
              of.scores().support()));
    }
    table.append(System.lineSeparator());
    for (Map.Entry<String, Double> entry : report.summary().entrySet()) {
      table.append(String.format("%-26s  %7s%n", entry.getKey(), number(entry.getValue())));
    }
    return table.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }
}

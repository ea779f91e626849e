package gradus.bench.page;

import gradus.bench.record.ScaleMeasurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What an image takes when there are many of them, or many threads. */
final class ScaleSection {
  private final List<ScaleMeasurement> runs;

  ScaleSection(List<ScaleMeasurement> runs) {
    this.runs = runs;
  }

  /** Empty without measurements. */
  String text() {
    if (runs.isEmpty()) {
      return "";
    }
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                "run",
                "processors",
                "threads",
                "images",
                "epochs",
                "us an image",
                "native, MB",
                "heap, MB"));
    Map<List<Object>, List<ScaleMeasurement>> same =
        runs.stream()
            .collect(
                Collectors.groupingBy(
                    r ->
                        List.of(r.workload(), r.origin().processors(), r.threads(), r.images()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    for (List<ScaleMeasurement> each : same.values()) {
      ScaleMeasurement any = each.get(0);
      table.add(
          List.of(
              any.workload(),
              Integer.toString(any.origin().processors()),
              Integer.toString(any.threads()),
              String.format(Locale.ROOT, "%,d", any.images()),
              Integer.toString(any.epochs()),
              number("%.2f", Rate.of(each, ScaleMeasurement::microsPerImage)),
              number("%.1f", Rate.of(each, ScaleMeasurement::nativeMegabytes)),
              number("%.1f", Rate.of(each, ScaleMeasurement::heapMegabytes))));
    }
    return """
        ## More images, more threads than processors

        Whole runs of the training loop, validation included. Processors are those that the process may use, by affinity or a
        container's quota; of the threads asked for, no more compute than there are processors, and one more loads images. Memory is what lives at the end of a run; the heap's is the test's own
        pictures, of which there are at most 50,000 different ones, and four bytes an image for the order they come in.

        """
        + table
        + "\n";
  }

  private static String number(String format, Rate rate) {
    return String.format(Locale.ROOT, format, rate.median()) + rate.star();
  }
}

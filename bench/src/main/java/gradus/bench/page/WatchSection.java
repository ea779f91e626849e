package gradus.bench.page;

import gradus.bench.record.WatchMeasurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What it costs a run that the doctor watches it. */
final class WatchSection {
  private final List<WatchMeasurement> runs;

  WatchSection(List<WatchMeasurement> runs) {
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
                "doctor",
                "threads",
                "images",
                "steps",
                "alone, s",
                "watched, s",
                "overhead",
                "start, s",
                "steps of trials"));
    Map<String, List<WatchMeasurement>> same =
        runs.stream()
            .collect(
                Collectors.groupingBy(
                    r -> r.workload() + " " + r.doctor() + " " + r.threads() + " " + r.images(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    for (List<WatchMeasurement> each : same.values()) {
      WatchMeasurement any = each.get(0);
      Rate overhead = Rate.of(each, WatchMeasurement::overhead);
      table.add(
          List.of(
              any.workload(),
              any.doctor(),
              Integer.toString(any.threads()),
              String.format(Locale.ROOT, "%,d", any.images()),
              String.format(Locale.ROOT, "%,d", any.steps()),
              seconds(Rate.of(each, WatchMeasurement::alone)),
              seconds(Rate.of(each, WatchMeasurement::watched)),
              String.format(Locale.ROOT, "%+.1f %%", 100 * overhead.median()) + overhead.star(),
              seconds(Rate.of(each, WatchMeasurement::start)),
              String.format(Locale.ROOT, "%,d", any.trialSteps())));
    }
    return """
        ## What the training doctor costs

        Whole runs of the training loop, validation included, on images that are learnt well, in turns: nobody watches, the doctor
        watches, it watches and may try remedies (which it never does in a healthy run). `start` comes before the first step: the checks
        of data and network, and is not in the overhead.

        """
        + table
        + "\n";
  }

  private static String seconds(Rate rate) {
    return String.format(Locale.ROOT, "%.3f", rate.median()) + rate.star();
  }
}

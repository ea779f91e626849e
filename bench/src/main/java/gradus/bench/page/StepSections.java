package gradus.bench.page;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import gradus.GradusException;
import gradus.bench.record.StepMeasurement;
import gradus.bench.step.Peer;
import gradus.examples.bench.Workload;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Tables and plots of whole steps, side by side. */
final class StepSections {
  private final List<StepMeasurement> steps;
  private final Peaks peaks;
  private final Map<String, String> plots = new LinkedHashMap<>();

  /** All that were measured alike: rows of one table. */
  private record Kind(String mode, String isa, int threads, Precision precision)
      implements Comparable<Kind> {
    @Override
    public int compareTo(Kind other) {
      return key().compareTo(other.key());
    }

    static Kind of(StepMeasurement step) {
      Precision precision = Precision.valueOf(step.precision().toUpperCase(Locale.ROOT));
      return new Kind(step.mode(), step.isa(), step.threads(), precision);
    }

    /** Training first, the whole instruction set first, more threads first, float32 first. */
    private String key() {
      return "%d %d %05d %d %s %s"
          .formatted(
              mode.equals("train") ? 0 : 1,
              isa.equals("best") ? 0 : 1,
              99_999 - threads,
              precision == Precision.FP32 ? 0 : 1,
              precision,
              isa);
    }

    Kind inFloat32() {
      return new Kind(mode, isa, threads, Precision.FP32);
    }

    String title() {
      return "%s, %d %s%s%s"
          .formatted(
              mode.equals("train") ? "Training" : "Inference",
              threads,
              threads == 1 ? "thread" : "threads",
              precision == Precision.FP32 ? "" : ", " + format(),
              isa.equals("best") ? "" : ", everyone held to " + isa.toUpperCase(Locale.ROOT));
    }

    /** The number format, as people write it. */
    String format() {
      return switch (precision) {
        case FP32 -> "float32";
        case TF32 -> "TensorFloat-32";
        case BF16 -> "bfloat16";
        case FP16 -> "float16";
      };
    }

    String file() {
      return "%s-%d%s%s"
          .formatted(
              mode,
              threads,
              precision == Precision.FP32 ? "" : "-" + precision,
              isa.equals("best") ? "" : "-" + isa);
    }
  }

  private record Row(Workload workload, int batch) implements Comparable<Row> {
    static Row of(StepMeasurement step) {
      for (Workload each : Workload.values()) {
        if (each.toString().equals(step.workload())) {
          return new Row(each, step.batch());
        }
      }
      throw new GradusException("There is no workload named " + step.workload() + ".");
    }

    String name() {
      return workload.toString();
    }

    boolean hasOwnBatch() {
      return workload.batch() == batch;
    }

    @Override
    public int compareTo(Row other) {
      return workload != other.workload
          ? workload.compareTo(other.workload)
          : Integer.compare(batch, other.batch);
    }
  }

  StepSections(List<StepMeasurement> steps, Peaks peaks) {
    this.steps = steps;
    this.peaks = peaks;
  }

  /** The plots that {@link #text} refers to: their names' ends and their SVG. */
  Map<String, String> plots() {
    return plots;
  }

  /**
   * Every table, and below each its plot, named {@code stem-..svg}; without plots where the stem is
   * null.
   */
  String text(String stem) {
    StringBuilder text = new StringBuilder();
    Map<Kind, List<StepMeasurement>> kinds =
        steps.stream().collect(groupingBy(Kind::of, TreeMap::new, toList()));
    kinds.forEach(
        (kind, rows) ->
            section(text, stem, kind, rows, kinds.getOrDefault(kind.inFloat32(), List.of())));
    return text.toString();
  }

  private void section(
      StringBuilder text,
      String stem,
      Kind kind,
      List<StepMeasurement> all,
      List<StepMeasurement> inFloat32) {
    List<Peer> peers =
        Arrays.stream(Peer.values())
            .filter(peer -> all.stream().anyMatch(s -> s.peer().equals(peer.toString())))
            .toList();
    List<String> head = new ArrayList<>(List.of("workload", "batch"));
    peers.forEach(peer -> head.add(peer.title()));
    head.addAll(List.of("Gradus / best other", "Gradus GFLOP/s", "rounds", "spread"));
    if (kind.precision() != Precision.FP32) {
      head.addAll(List.of("Gradus in float32", kind.format() + " / float32"));
    }
    MarkdownTable table = new MarkdownTable(head);
    List<BarChart.Group> groups = new ArrayList<>();
    Map<Row, List<StepMeasurement>> rows =
        all.stream().collect(groupingBy(Row::of, TreeMap::new, toList()));
    rows.forEach(
        (row, measured) -> {
          Map<Peer, Rate> rates = rates(peers, measured);
          List<String> cells = cells(row, peers, rates, work(kind, measured));
          if (kind.precision() != Precision.FP32) {
            cells.addAll(besideFloat32(row, rates.get(Peer.GRADUS), inFloat32));
          }
          table.add(cells);
          Optional<Double> best = bestOther(rates);
          if (row.hasOwnBatch() && best.isPresent()) {
            groups.add(
                new BarChart.Group(
                    row.name() + (rates.values().stream().anyMatch(Rate::disturbed) ? " *" : ""),
                    peers.stream()
                        .map(
                            peer ->
                                rates.containsKey(peer)
                                    ? rates.get(peer).median() / best.get()
                                    : Double.NaN)
                        .toList()));
          }
        });
    text.append("## ").append(kind.title()).append("\n\nImages per second.\n\n").append(table);
    if (stem != null && !groups.isEmpty()) {
      String file = stem + "-" + kind.file() + ".svg";
      BarChart chart =
          new BarChart(
              kind.title() + ": times the best other framework",
              peers.stream().map(Peer::title).toList(),
              groups,
              "");
      plots.put(file, chart.svg());
      text.append("\n![").append(chart.title()).append("](").append(file).append(")\n");
    }
    text.append("\n");
  }

  /** What Gradus itself does with the same steps in float32, and how much faster it is here. */
  private static List<String> besideFloat32(Row row, Rate own, List<StepMeasurement> inFloat32) {
    List<StepMeasurement> same =
        own(inFloat32.stream().filter(s -> Row.of(s).equals(row)).toList());
    if (own == null || same.isEmpty()) {
      return List.of("-", "-");
    }
    Rate rate = Rate.of(same, StepMeasurement::imagesPerSecond);
    String star = own.disturbed() || rate.disturbed() ? " *" : "";
    return List.of(
        images(rate), String.format(Locale.ROOT, "%.2f", own.median() / rate.median()) + star);
  }

  private static List<StepMeasurement> own(List<StepMeasurement> measured) {
    return measured.stream().filter(s -> s.peer().equals(Peer.GRADUS.toString())).toList();
  }

  /** What Gradus computes in a second, and the share of the machine's peak. */
  private String work(Kind kind, List<StepMeasurement> measured) {
    List<StepMeasurement> own = own(measured);
    if (own.isEmpty()) {
      return "-";
    }
    double rate = Rate.of(own, StepMeasurement::gigaflopsPerSecond).median();
    return peaks
        .multiplyAdd(kind.isa, kind.threads)
        .map(peak -> String.format(Locale.ROOT, "%,.0f, %.0f %%", rate, 100 * rate / peak.median()))
        .orElse(String.format(Locale.ROOT, "%,.0f", rate));
  }

  private static Map<Peer, Rate> rates(List<Peer> peers, List<StepMeasurement> measured) {
    Map<Peer, Rate> rates = new LinkedHashMap<>();
    for (Peer peer : peers) {
      List<StepMeasurement> own =
          measured.stream().filter(s -> s.peer().equals(peer.toString())).toList();
      if (!own.isEmpty()) {
        rates.put(peer, Rate.of(own, StepMeasurement::imagesPerSecond));
      }
    }
    return rates;
  }

  private static List<String> cells(Row row, List<Peer> peers, Map<Peer, Rate> rates, String work) {
    List<String> cells = new ArrayList<>(List.of(row.name(), Integer.toString(row.batch())));
    for (Peer peer : peers) {
      Rate rate = rates.get(peer);
      cells.add(rate == null ? "-" : images(rate));
    }
    Rate own = rates.get(Peer.GRADUS);
    String star = rates.values().stream().anyMatch(Rate::disturbed) ? " *" : "";
    cells.add(
        bestOther(rates)
            .filter(best -> own != null)
            .map(best -> String.format(Locale.ROOT, "**%.2f**", own.median() / best) + star)
            .orElse("-"));
    cells.add(work);
    cells.add(rates.values().stream().map(r -> r.rounds()).min(Integer::compare).orElse(0) + "");
    double spread = rates.values().stream().mapToDouble(Rate::spread).max().orElse(0);
    cells.add(String.format(Locale.ROOT, "%.0f %%", 100 * spread));
    return cells;
  }

  private static String images(Rate rate) {
    return String.format(Locale.ROOT, rate.median() < 100 ? "%,.1f" : "%,.0f", rate.median())
        + rate.star();
  }

  private static Optional<Double> bestOther(Map<Peer, Rate> rates) {
    return rates.entrySet().stream()
        .filter(entry -> !entry.getKey().isGradus())
        .map(entry -> entry.getValue().median())
        .max(Double::compare);
  }
}

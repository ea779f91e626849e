package gradus.bench.page;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import gradus.GradusException;
import gradus.bench.op.OpRuns;
import gradus.bench.record.LimitMeasurement;
import gradus.bench.record.Measurement;
import gradus.bench.record.OpMeasurement;
import gradus.bench.record.Origin;
import gradus.bench.record.ProfileMeasurement;
import gradus.bench.record.ScaleMeasurement;
import gradus.bench.record.StepMeasurement;
import gradus.bench.record.WatchMeasurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** A page about speed: machine, limits, steps beside other frameworks, kernels, parts of a step. */
public final class PerformancePage {
  private final List<Measurement> measurements;
  private final Peaks peaks;

  /** From measurements that are not empty. */
  public PerformancePage(List<Measurement> measurements) {
    if (measurements.isEmpty()) {
      throw new GradusException("There are no measurements to write a page about.");
    }
    this.measurements = List.copyOf(measurements);
    this.peaks = new Peaks(only(LimitMeasurement.class));
  }

  /** Names and contents: the page under the name given, and its plots. */
  public Map<String, String> files(String pageName) {
    String stem = pageName.replaceFirst("\\.md$", "");
    StepSections steps = new StepSections(only(StepMeasurement.class), peaks);
    StringBuilder page = new StringBuilder();
    page.append("# Performance\n\n");
    page.append("<!-- Written by `bench/run.sh page`: do not edit. -->\n\n");
    head(page);
    limits(page);
    page.append(steps.text(stem));
    versions(page);
    kernels(page);
    profile(page);
    page.append(new WatchSection(only(WatchMeasurement.class)).text());
    page.append(new ScaleSection(only(ScaleMeasurement.class)).text());
    Map<String, String> files = new LinkedHashMap<>();
    files.put(pageName, page.toString().stripTrailing() + "\n");
    files.putAll(steps.plots());
    return files;
  }

  /** The tables of whole steps alone, for a terminal. */
  public String stepTables() {
    return new StepSections(only(StepMeasurement.class), peaks).text(null);
  }

  private <M extends Measurement> List<M> only(Class<M> type) {
    return measurements.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private void head(StringBuilder page) {
    List<Origin> origins = measurements.stream().map(Measurement::origin).toList();
    Origin last = origins.get(origins.size() - 1);
    String first = origins.stream().map(Origin::date).min(String::compareTo).orElseThrow();
    String end = origins.stream().map(Origin::date).max(String::compareTo).orElseThrow();
    page.append(
        """
        Measured on %d processors (%s), %s, Java %s, from %s to %s, code %s.

        W1: LeNet, 28 x 28. W2: SimpleCNN, 32 x 32. W2big: SimpleCNN, 256 x 256. W3: DeeperCNN, 32 x 32. W4: ResNet-20,
        32 x 32. W5: ResNet-18, 32 x 32. A training step copies a batch in, and does forward, cross-entropy, backward and SGD with
        momentum; inference copies a batch in, does forward and counts right answers. Everything is float32 but where a
        heading says bfloat16: there, convolutions and linear layers multiply bfloat16 values, in PyTorch by its autocast, and weights are
        float32. Each framework runs in a process of its own, in turns, warmed up by time; a figure is the median over rounds of the median step. Rounds in which other
        processes used more than %.0f %% of a processor are left out; where that would leave less than half of them, they count and the
        figure has a star. GFLOP/s count convolutions and linear layers as direct sums of products whatever the algorithm, and the share is
        that of the multiply-add peak. [bench/README.md](../bench/README.md) tells how to measure again.

        """
            .formatted(
                last.processors(),
                last.processor(),
                last.system(),
                last.java(),
                first,
                end,
                String.join(", ", new TreeSet<>(origins.stream().map(Origin::commit).toList())),
                100 * Measurement.QUIET));
  }

  private void limits(StringBuilder page) {
    List<LimitMeasurement> limits = only(LimitMeasurement.class);
    if (limits.isEmpty()) {
      return;
    }
    List<Integer> threads =
        limits.stream().map(LimitMeasurement::threads).distinct().sorted().toList();
    List<String> head = new ArrayList<>(List.of("limit"));
    threads.forEach(count -> head.add(count + (count == 1 ? " thread" : " threads")));
    head.add("unit");
    MarkdownTable table = new MarkdownTable(head);
    Map<String, List<LimitMeasurement>> byName = new LinkedHashMap<>();
    limits.forEach(l -> byName.computeIfAbsent(l.name(), name -> new ArrayList<>()).add(l));
    byName.forEach(
        (name, each) -> {
          List<String> row = new ArrayList<>(List.of(name));
          for (int count : threads) {
            row.add(
                peaks.named(name, count).map(r -> number(r.median(), 0) + r.star()).orElse("-"));
          }
          row.add(each.get(0).unit());
          table.add(row);
        });
    page.append("## What the machine can do\n\nMeasured in the same runs as the rest.\n\n");
    page.append(table).append("\n");
  }

  private void versions(StringBuilder page) {
    TreeSet<String> versions = new TreeSet<>();
    only(StepMeasurement.class)
        .forEach(step -> versions.add("- " + step.peer() + ": " + step.version() + "\n"));
    if (!versions.isEmpty()) {
      page.append("Set up as:\n\n").append(String.join("", versions)).append("\n");
    }
  }

  /** What columns of the kernels' table stand for. */
  private record Column(String isa, String layout, String algorithm, String tensors, int threads)
      implements Comparable<Column> {
    @Override
    public int compareTo(Column other) {
      return toString().compareTo(other.toString());
    }

    String title() {
      return "%s %s%s, %dT"
          .formatted(
              algorithm.equals("auto") ? isa : isa + " " + algorithm,
              tensors,
              layout.equals("auto") ? "" : " " + layout,
              threads);
    }
  }

  private void kernels(StringBuilder page) {
    List<OpMeasurement> all = only(OpMeasurement.class);
    List<OpMeasurement> ops = all.stream().filter(op -> op.gigaflops() > 0).toList();
    if (!ops.isEmpty()) {
      page.append(
          """
          ## Kernels

          GFLOP/s, counted as direct sums of products whatever the algorithm, and the share of the multiply-add peak measured beside
          them for the same instruction set and threads. Winograd's algorithm multiplies less and may pass 100 %. `warm`: the same
          operands again and again. `cold`: out of memory, as in a training step.

          """);
      page.append(
          kernelTable(
              ops,
              op -> {
                Rate rate = Rate.of(op, OpMeasurement::gigaflopsPerSecond);
                OpMeasurement any = op.get(0);
                String share =
                    peaks
                        .multiplyAdd(any.isa(), any.threads())
                        .map(peak -> ", " + number(100 * rate.median() / peak.median(), 0) + " %")
                        .orElse("");
                return number(rate.median(), 0) + share + rate.star();
              }));
      page.append("\n");
    }
    List<OpMeasurement> others = all.stream().filter(op -> op.gigaflops() == 0).toList();
    if (!others.isEmpty()) {
      page.append("Microseconds of kernels that move memory rather than multiply:\n\n");
      page.append(
          kernelTable(
              others,
              op -> {
                Rate rate = Rate.of(op, OpMeasurement::micros);
                return number(rate.median(), 1) + rate.star();
              }));
      page.append("\n");
    }
  }

  private static MarkdownTable kernelTable(
      List<OpMeasurement> ops, Function<List<OpMeasurement>, String> cell) {
    TreeSet<Column> columns = new TreeSet<>(ops.stream().map(PerformancePage::column).toList());
    List<String> head = new ArrayList<>(List.of("kernel", "pass"));
    columns.forEach(column -> head.add(column.title()));
    MarkdownTable table = new MarkdownTable(head);
    for (OpRuns.Case each : OpRuns.cases()) { // their order is the table's
      Map<String, List<OpMeasurement>> passes =
          ops.stream()
              .filter(op -> op.op().equals(each.op()) && op.shape().equals(each.shape()))
              .collect(groupingBy(OpMeasurement::pass, TreeMap::new, toList()));
      passes.forEach(
          (pass, measured) -> {
            List<String> row = new ArrayList<>(List.of(each.op() + " " + each.shape(), pass));
            for (Column column : columns) {
              List<OpMeasurement> own =
                  measured.stream().filter(op -> column(op).equals(column)).toList();
              row.add(own.isEmpty() ? "-" : cell.apply(own));
            }
            table.add(row);
          });
    }
    return table;
  }

  private static Column column(OpMeasurement op) {
    return new Column(op.isa(), op.layout(), op.algorithm(), op.tensors(), op.threads());
  }

  private void profile(StringBuilder page) {
    List<ProfileMeasurement> parts = only(ProfileMeasurement.class);
    if (parts.isEmpty()) {
      return;
    }
    page.append(
        """
        ## Where the time of a step goes

        By the wall around every call of the backend, with what runs fused counted where it runs: ReLU and pooling with the convolution
        before them, ReLU and sum with batch norm. `loop` is what is left between the calls.

        """);
    Map<String, Map<String, List<ProfileMeasurement>>> tables = new LinkedHashMap<>();
    for (ProfileMeasurement part : parts) {
      String title =
          "%s %s, batch %d, %d %s%s"
              .formatted(
                  part.workload(),
                  part.mode(),
                  part.batch(),
                  part.threads(),
                  part.threads() == 1 ? "thread" : "threads",
                  part.precision().equals("fp32") ? "" : ", " + part.precision());
      tables
          .computeIfAbsent(title, key -> new LinkedHashMap<>())
          .computeIfAbsent(part.part(), key -> new ArrayList<>())
          .add(part);
    }
    tables.forEach(
        (title, rows) -> {
          MarkdownTable table = new MarkdownTable(List.of(title, "ms", "share"));
          rows.forEach(
              (part, measured) -> {
                Rate millis = Rate.of(measured, ProfileMeasurement::millis);
                Rate step = Rate.of(measured, ProfileMeasurement::stepMillis);
                table.add(
                    List.of(
                        part,
                        number(millis.median(), 3) + millis.star(),
                        number(100 * millis.median() / step.median(), 1) + " %"));
              });
          page.append(table).append("\n");
        });
  }

  private static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}

package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.curves.CurveReader;
import gradus.doctor.curves.CurveReading;
import gradus.doctor.curves.Curves;
import gradus.doctor.curves.CurvesCsv;
import gradus.examples.progress.FindingText;
import gradus.report.FindingJson;
import gradus.report.RecordedRun;
import gradus.train.EpochReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what was wrong with a run, from what it left. */
@Command(
    name = "diagnose",
    sortOptions = false,
    description = {
      "Says what was wrong with a run that has ended, was killed, or is still going on: what the",
      "training doctor found, or else what its learning curves show. Also reads the curves that",
      "another framework wrote as CSV (Keras, Lightning, fastai)."
    })
final class DiagnoseCommand implements Callable<Integer> {
  /** Where findings are from. */
  private enum Source {
    DOCTOR(
        "The training doctor watched this run.",
        "No finding: nothing in this run shows that something is wrong with it."),
    CURVES(
        "No doctor watched this run; this is what its curves show.",
        "No finding: the curves look like those of a run that goes well."),
    TOO_SHORT_CURVES(
        "No doctor watched this run; this is what its curves show.",
        "No finding, but so few epochs could not show much."),
    CURVES_OF_A_WATCHED_RUN(
        "The training doctor watched this run and is sure of no cause. Its curves alone show this.",
        "");

    private final String introduction;
    private final String nothing;

    Source(String introduction, String nothing) {
      this.introduction = introduction;
      this.nothing = nothing;
    }
  }

  private static final int FEWEST_EPOCHS = 3; // that a rule of curves needs

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      description = "The folder of a run, or a CSV file with a loss for each epoch.")
  private Path path;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description =
          "How many classes the data of a CSV file has: what the loss of guessing is follows from it.")
  private int classes;

  @Option(names = "--json", description = "Print for programs: one object.")
  private boolean json;

  @Override
  public Integer call() {
    UsageException.unless(
        classes == 0 || classes >= 2, "--classes is " + classes + ", but must be at least 2.");
    if (!Files.exists(path)) {
      throw new GradusException(
          path + " does not exist. Name the folder of a run, or a CSV file of its curves.");
    }
    if (Files.isDirectory(path) && Files.exists(path.resolve(RecordedRun.RECORD))) {
      ofRun(RecordedRun.read(path));
    } else {
      Path table = Files.isDirectory(path) ? path.resolve(RecordedRun.METRICS) : path;
      if (!Files.exists(table)) {
        throw new GradusException(
            path
                + " has neither "
                + RecordedRun.RECORD
                + " nor "
                + RecordedRun.METRICS
                + ": it is not the folder of a run that has finished an epoch.");
      }
      Curves curves = CurvesCsv.read(table, classes);
      tell(
          summary(table.toString(), curves), ofCurves(curves), CurveReader.read(curves), List.of());
    }
    return 0;
  }

  private void ofRun(RecordedRun run) {
    Curves curves = run.curves();
    String summary = summary(run.name() + ", " + run.status(), curves);
    if (run.reason() != null) {
      summary += String.format("%nIt ended: %s.", run.reason());
    }
    CurveReading reading = CurveReader.read(curves);
    boolean seesMore =
        run.findings().stream().noneMatch(Finding::isDiagnosis)
            && reading.findings().stream().anyMatch(Finding::isDiagnosis);
    if (!run.isWatched()) {
      tell(summary, ofCurves(curves), reading, run.arguments());
    } else if (seesMore) {
      tell(summary, Source.CURVES_OF_A_WATCHED_RUN, reading, run.arguments());
    } else {
      tell(summary, Source.DOCTOR, new CurveReading(run.findings(), List.of()), run.arguments());
    }
  }

  private static Source ofCurves(Curves curves) {
    return curves.size() < FEWEST_EPOCHS ? Source.TOO_SHORT_CURVES : Source.CURVES;
  }

  private static String summary(String name, Curves curves) {
    StringBuilder text = new StringBuilder(name);
    text.append(
        String.format(
            Locale.ROOT,
            ": %d of %d epochs",
            curves.size(),
            Math.max(curves.plannedEpochs(), curves.nonFiniteEpoch())));
    if (curves.size() > 0) {
      double[] loss = curves.loss();
      text.append(
          String.format(Locale.ROOT, ", loss %.4g to %.4g", loss[0], loss[loss.length - 1]));
    }
    Optional<EpochReport> best =
        curves.epochs().stream()
            .filter(e -> !Double.isNaN(e.validationAccuracy()))
            .max(EpochReport.BY_VALIDATION);
    best.ifPresent(
        e ->
            text.append(
                String.format(
                    Locale.ROOT,
                    ", validation accuracy %.2f %% at best, in epoch %d",
                    100 * e.validationAccuracy(),
                    e.epoch())));
    return text.toString();
  }

  private void tell(String summary, Source source, CurveReading reading, List<String> arguments) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("source", source == Source.DOCTOR ? "doctor" : "curves");
      result.set("findings", FindingJson.of(reading.findings()));
      ArrayNode untold = result.putArray("untold");
      reading.untold().forEach(untold::add);
      out.println(result);
      out.flush();
      return;
    }
    out.println(summary);
    out.println(source.introduction);
    out.println();
    if (reading.findings().stream().noneMatch(Finding::isDiagnosis)) {
      boolean shows =
          reading.findings().stream().anyMatch(f -> f.diagnosis() == Diagnosis.UNEXPLAINED);
      out.println(shows ? "No cause was found for what this run shows." : source.nothing);
    }
    reading.findings().forEach(finding -> out.print(FindingText.of(finding, arguments)));
    if (!reading.untold().isEmpty()) {
      out.println();
      out.println("What these curves do not tell:");
      reading.untold().forEach(sentence -> out.print(FindingText.item(sentence)));
    }
    out.flush();
  }
}

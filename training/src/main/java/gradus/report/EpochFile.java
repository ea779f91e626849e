package gradus.report;

import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps a text file with a line for each epoch. The file always holds whole lines: it is replaced,
 * not appended to.
 */
abstract class EpochFile implements TrainingListener {
  private final Path file;
  private final String heading;
  private final StringBuilder text;

  /** Will write to {@code file}, whose folder must exist. */
  EpochFile(Path file, String heading) {
    this.file = file;
    this.heading = heading;
    this.text = new StringBuilder(heading);
  }

  /** One epoch, with the end of the line. */
  abstract String line(EpochReport report);

  /** The lines that an epoch of an earlier run keeps. */
  String earlier(EpochReport report) {
    return line(report);
  }

  /** Adds lines at the end, and writes the file. */
  final void append(String lines) {
    text.append(lines);
    WholeFile.write(file, text.toString());
  }

  final Path file() {
    return file;
  }

  /** What was said at the start of this run stays behind the epochs before it. */
  @Override
  public final void onResume(List<EpochReport> earlier) {
    StringBuilder lines = new StringBuilder();
    earlier.forEach(report -> lines.append(earlier(report)));
    text.insert(heading.length(), lines);
  }

  @Override
  public final void onEpoch(EpochReport report) {
    append(line(report));
  }
}

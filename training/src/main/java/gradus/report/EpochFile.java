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
  private final StringBuilder text;

  /** Will write to {@code file}, whose folder must exist. */
  EpochFile(Path file, String heading) {
    this.file = file;
    this.text = new StringBuilder(heading);
  }

  /** One epoch, with the end of the line. */
  abstract String line(EpochReport report);

  @Override
  public final void onResume(List<EpochReport> earlier) {
    earlier.forEach(report -> text.append(line(report)));
  }

  @Override
  public final void onEpoch(EpochReport report) {
    text.append(line(report));
    WholeFile.write(file, text.toString());
  }
}

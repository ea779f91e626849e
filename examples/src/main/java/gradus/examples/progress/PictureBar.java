package gradus.examples.progress;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how many pictures are done as a bar, if somebody is watching. */
public final class PictureBar implements AutoCloseable {
  private final ProgressBar bar;

  /** Begins at none of {@code total}. */
  public PictureBar(long total) {
    bar =
        Terminal.isInteractive()
            ? new ProgressBarBuilder()
                .setTaskName("predict")
                .setInitialMax(total)
                .setUnit(" pictures", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build()
            : null;
  }

  /** So many more are done. */
  public void add(int pictures) {
    if (bar != null) {
      bar.stepBy(pictures);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}

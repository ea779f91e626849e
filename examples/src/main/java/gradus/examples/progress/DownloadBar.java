package gradus.examples.progress;

import gradus.data.download.DownloadProgress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Shows downloads as a bar each on a terminal, as one line each elsewhere. */
public final class DownloadBar implements DownloadProgress, AutoCloseable {
  private static final long MIB = 1 << 20;

  private String current;
  private ProgressBar bar;

  @Override
  public void update(String file, long bytes, long totalBytes) {
    if (!file.equals(current)) {
      close();
      current = file;
      if (Terminal.isInteractive()) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(file)
                .setInitialMax(totalBytes)
                .setUnit(" MiB", MIB)
                .showSpeed()
                .build();
      } else {
        System.err.println("Downloading " + file);
      }
    }
    if (bar != null) {
      bar.stepTo(bytes);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}

package gradus.data.download;

/** Is told how far a download is, a few times a second. */
@FunctionalInterface
public interface DownloadProgress {
  /** Nobody listens. */
  DownloadProgress SILENT = (file, bytes, totalBytes) -> {};

  /**
   * Called by the downloading thread.
   *
   * @param file the name of the file
   * @param bytes what has arrived, including an earlier attempt's part
   * @param totalBytes the whole, or -1 if the server does not say
   */
  void update(String file, long bytes, long totalBytes);
}

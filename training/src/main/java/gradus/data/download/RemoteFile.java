package gradus.data.download;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of a public data set.
 *
 * @param name what it is called in the folder it goes to
 * @param sources where it can be had, tried in this order
 * @param md5 the sum its publisher states, in hexadecimal: it tells a damaged file, not a forged
 *     one
 */
public record RemoteFile(String name, List<URI> sources, String md5) {
  /** Copies the list. */
  public RemoteFile {
    sources = List.copyOf(sources);
  }

  /** Files that lie side by side under each of {@code bases}; names and sums alternate. */
  public static List<RemoteFile> list(List<String> bases, String... namesAndSums) {
    List<RemoteFile> files = new ArrayList<>();
    for (int i = 0; i < namesAndSums.length; i += 2) {
      String name = namesAndSums[i];
      List<URI> sources = bases.stream().map(base -> URI.create(base + name)).toList();
      files.add(new RemoteFile(name, sources, namesAndSums[i + 1]));
    }
    return files;
  }
}

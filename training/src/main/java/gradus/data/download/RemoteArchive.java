package gradus.data.download;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/**
 * A data set that is published as one {@code .tar.gz}.
 *
 * @param source where it can be had
 * @param md5 the sum its publisher states
 * @param folder the folder inside the archive
 * @param members the files of that folder that are needed
 */
public record RemoteArchive(String source, String md5, String folder, List<String> members) {
  /** Copies the list. */
  public RemoteArchive {
    members = List.copyOf(members);
  }

  /** Two lists of names as one. */
  public static List<String> members(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /** The archive itself. */
  RemoteFile file() {
    URI uri = URI.create(source);
    String path = uri.getPath();
    return new RemoteFile(path.substring(path.lastIndexOf('/') + 1), List.of(uri), md5);
  }
}

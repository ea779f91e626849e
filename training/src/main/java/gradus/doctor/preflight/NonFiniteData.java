package gradus.doctor.preflight;

import gradus.data.DataLoader;
import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Looks for pixels that are NaN or infinite: in all images, as far as a second goes, and in some of
 * them after the transforms, which may also make them.
 */
final class NonFiniteData implements PreflightCheck {
  private static final long NANOS = 1_000_000_000L;
  private static final int TRANSFORMED = 1_000;
  private static final int LISTED = 10;

  @Override
  public List<Finding> examine(Subject subject) {
    List<Finding> found = of(subject.train(), "training");
    return !found.isEmpty() || subject.validation() == null
        ? found
        : of(subject.validation(), "validation");
  }

  private static List<Finding> of(DataLoader loader, String part) {
    Dataset data = loader.dataset();
    long until = System.nanoTime() + NANOS;
    AtomicInteger examined = new AtomicInteger();
    List<Integer> damaged =
        IntStream.range(0, data.size())
            .parallel()
            .filter(
                i -> {
                  if (System.nanoTime() > until) {
                    return false;
                  }
                  examined.incrementAndGet();
                  return !isFinite(data.get(i).image());
                })
            .boxed()
            .toList();
    if (!damaged.isEmpty()) {
      return List.of(finding(data, part, damaged, examined.get()));
    }
    for (ChannelStatistics channel : ChannelStatistics.of(loader, TRANSFORMED)) {
      if (!channel.isFinite()) {
        return List.of(
            Finding.certain(
                Diagnosis.NON_FINITE_DATA,
                "The transforms of the "
                    + part
                    + " images make pixels that are no numbers: the images themselves are sound.",
                Remedy.of(
                    "Look for a division by 0 or a logarithm of 0 in the transforms given to"
                        + " DataLoader.transform(..)."),
                Evidence.of("After the transforms: " + channel.sentence() + ".")));
      }
    }
    return List.of();
  }

  /** Bytes cannot be anything else. */
  private static boolean isFinite(Image image) {
    if (!image.isBytes()) {
      for (int i = 0; i < image.size(); i++) {
        if (!Float.isFinite(image.valueAt(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private static Finding finding(Dataset data, String part, List<Integer> damaged, int examined) {
    List<String> places = damaged.stream().limit(LISTED).map(data::describe).toList();
    return Finding.certain(
        Diagnosis.NON_FINITE_DATA,
        String.format(
            Locale.ROOT,
            "%,d of %,d %s images have pixels that are NaN or infinite, and make every weight NaN"
                + " they reach.",
            damaged.size(),
            examined,
            part),
        new Remedy(
            "Repair these images, or leave them out.",
            "dataset.filter(s -> IntStream.range(0, s.image().size())"
                + ".allMatch(i -> Float.isFinite(s.image().valueAt(i))))",
            null),
        Evidence.of(
            "Indices: "
                + Numbers.list(damaged.stream().map(String::valueOf).toList(), LISTED)
                + "."),
        Evidence.of("Images: " + Numbers.list(places, LISTED) + "."));
  }
}

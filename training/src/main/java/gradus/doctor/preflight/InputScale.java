package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the scale of pixels as the network gets them. Usual initial weights expect values about
 * 0 of a size of about 1; 0 to 1 is near enough. Far from that is noted with a confidence of 0.75,
 * unusual with 0.5.
 */
final class InputScale implements PreflightCheck {
  private static final int IMAGES = 2_000;

  @Override
  public List<Finding> examine(Subject subject) {
    List<ChannelStatistics> channels = ChannelStatistics.of(subject.train(), IMAGES);
    if (!channels.stream().allMatch(ChannelStatistics::isFinite)) {
      return List.of(); // another check's matter
    }
    double least = channels.stream().mapToDouble(ChannelStatistics::std).min().orElse(1);
    double most = channels.stream().mapToDouble(ChannelStatistics::std).max().orElse(1);
    boolean far = most > 20 * least || channels.stream().anyMatch(InputScale::isFarOff);
    if (!far && channels.stream().noneMatch(InputScale::isUnusual)) {
      return List.of();
    }
    List<Evidence> facts = new ArrayList<>();
    for (int c = 0; c < channels.size(); c++) {
      facts.add(Evidence.of("Channel " + c + ": " + channels.get(c).sentence() + "."));
    }
    ChannelStatistics worst = channels.get(0);
    for (ChannelStatistics channel : channels) {
      worst = distance(channel) > distance(worst) ? channel : worst;
    }
    String cause =
        most > 20 * least && channels.stream().noneMatch(InputScale::isFarOff)
            ? "The channels of the images have very different scales: standard deviations of "
                + Numbers.text(least)
                + " to "
                + Numbers.text(most)
                + "."
            : "The pixels the network gets are "
                + worst.sentence()
                + ": initial weights are made for values about 0 of a size of about 1.";
    Finding note =
        Finding.note(
            Diagnosis.INPUT_NOT_NORMALIZED,
            cause,
            new Remedy(
                "Bring every channel to mean 0 and standard deviation 1.",
                "loader.toBuilder().transform(Normalize.from(train.images())).build()",
                "--normalize auto"),
            facts.toArray(Evidence[]::new));
    return List.of(far ? note.confirmed(0.75) : note);
  }

  private static boolean isFarOff(ChannelStatistics c) {
    return Math.abs(c.mean()) > 10 || c.std() > 10 || c.std() < 0.02;
  }

  private static boolean isUnusual(ChannelStatistics c) {
    return Math.abs(c.mean()) > 2 * c.std() || c.std() < 0.1 || c.std() > 3;
  }

  /** In powers of e from a size of 1. */
  private static double distance(ChannelStatistics c) {
    return Math.abs(Math.log(Math.max(1e-30, Math.max(Math.abs(c.mean()), c.std()))));
  }
}

package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what the network gets from the training images (without augmentation) and from those of
 * the validation: a transform that is missing on one side shows in the channels' mean and
 * deviation.
 */
final class Preprocessing implements PreflightCheck {
  private static final int IMAGES = 1_000;

  /** Of fewer the mean is too uncertain: it varies by half a standard deviation or so per image. */
  private static final int LEAST = 30;

  @Override
  public List<Finding> examine(Subject subject) {
    if (subject.validation() == null
        || subject.train().dataset().size() < LEAST
        || subject.validation().dataset().size() < LEAST
        || !subject.train().imageShape().equals(subject.validation().imageShape())) {
      return List.of();
    }
    List<ChannelStatistics> train = ChannelStatistics.of(subject.train(), IMAGES);
    List<ChannelStatistics> held = ChannelStatistics.of(subject.validation(), IMAGES);
    List<Evidence> facts = new ArrayList<>();
    boolean differ = false;
    for (int c = 0; c < train.size(); c++) {
      ChannelStatistics a = train.get(c);
      ChannelStatistics b = held.get(c);
      if (!a.isFinite() || !b.isFinite()) {
        return List.of(); // another check's matter
      }
      differ |= Math.abs(a.mean() - b.mean()) > 0.5 * a.std();
      differ |= b.std() > 2 * a.std() || b.std() < 0.5 * a.std();
      facts.add(
          Evidence.of(
              "Channel "
                  + c
                  + ": training "
                  + a.sentence()
                  + "; validation "
                  + b.sentence()
                  + "."));
    }
    return differ ? List.of(finding(facts)) : List.of();
  }

  private static Finding finding(List<Evidence> facts) {
    return Finding.note(
        Diagnosis.PREPROCESSING_MISMATCH,
        "Training and validation images reach the network on different scales: "
            + facts.get(0).sentence(),
        new Remedy(
            "Give both loaders the same transforms, but for those that draw by chance.",
            "train.toBuilder(validationData).withoutAugmentation().build()",
            null),
        facts.toArray(Evidence[]::new));
  }
}

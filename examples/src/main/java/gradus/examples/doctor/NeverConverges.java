package gradus.examples.doctor;

import gradus.data.OversamplingSampler;
import gradus.data.transform.RandomAffine;
import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;
import gradus.schedule.Schedule;

/** The network never learns to tell most classes: one has nearly all the pictures. */
final class NeverConverges {
  private final Pictures grey;

  NeverConverges(Pictures grey) {
    this.grey = grey;
  }

  Demo demo() {
    return new Demo(
        "never-converges",
        "Why does my network fail to converge?",
        "2,000 pictures of one class and 30 of each other one: saying the one is nearly always right.",
        "Rare classes come as often as the large one (after the validation set was cut off), each time"
            + " turned, moved and scaled anew.",
        Scenario.faulty(
            "never-converges", "imbalanced", Twin.A, this::recipe, Diagnosis.CLASS_IMBALANCE),
        Scenario.healthy(
            "never-converges cured",
            "oversampled, with augmentation",
            Twin.A,
            () ->
                recipe()
                    .order(OversamplingSampler::of)
                    .augmentation(new RandomAffine(15).translate(0.1, 0.1).scale(0.85, 1.15))));
  }

  private Recipe recipe() {
    return Recipe.plain(grey.perClass(NeverConverges::count))
        .optimizer(Recipe.sgd(0.02))
        .schedule(Schedule::cosine);
  }

  private static int count(int label) {
    return label == 0 ? 2_000 : 30;
  }
}

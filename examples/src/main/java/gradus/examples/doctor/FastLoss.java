package gradus.examples.doctor;

import gradus.data.transform.RandomAffine;
import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;
import gradus.schedule.Schedule;

/** The loss falls fast, and to nothing: so few pictures are soon learned by heart. */
final class FastLoss {
  private final Pictures few;

  FastLoss(Pictures grey) {
    few = grey.perClass(label -> 10);
  }

  Demo demo() {
    return new Demo(
        "fast-loss",
        "What does it mean that the training loss converges fast?",
        "10 pictures of each class, seen 20 times as they are.",
        "The same pictures, turned, moved and scaled by chance each time, AdamW with weight decay,"
            + " and 60 epochs, because there is more to learn now.",
        Scenario.faulty(
            "fast-loss",
            "100 pictures",
            Twin.A,
            () -> Recipe.plain(few).batch(10).optimizer(Recipe.sgd(0.02)).epochs(20),
            Diagnosis.OVERFITTING,
            Diagnosis.INSUFFICIENT_DATA),
        Scenario.healthy(
            "fast-loss cured",
            "augmentation and weight decay",
            Twin.A,
            () ->
                Recipe.plain(few)
                    .batch(10)
                    .augmentation(new RandomAffine(15).translate(0.1, 0.1).scale(0.85, 1.15))
                    .optimizer(Recipe.adamW(0.002, 0.01))
                    .schedule(Schedule::cosine)
                    .epochs(60)));
  }
}

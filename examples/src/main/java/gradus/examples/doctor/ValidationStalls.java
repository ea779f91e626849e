package gradus.examples.doctor;

import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;

/** The training loss goes on falling, the validation does not: pictures learned by heart. */
final class ValidationStalls {
  private final Pictures color;

  ValidationStalls(Pictures color) {
    this.color = color;
  }

  Demo demo() {
    return new Demo(
        "validation-stalls",
        "Why does the training loss improve while the validation loss stalls early?",
        "250 pictures, seen 60 times as they are: the network knows them by heart.",
        "All 8,000 pictures, cropped and mirrored by chance; 6 epochs are enough.",
        Scenario.faulty(
            "validation-stalls",
            "250 pictures",
            Twin.B,
            () ->
                Recipe.normalized(color.perClass(label -> 25))
                    .augmentation()
                    .optimizer(Recipe.adamW(0.01, 0))
                    .epochs(60),
            Diagnosis.OVERFITTING,
            Diagnosis.INSUFFICIENT_DATA),
        Scenario.healthy(
            "validation-stalls cured",
            "8,000 pictures",
            Twin.B,
            () ->
                Recipe.normalized(color)
                    .augmentation(new RandomCrop(32, 2), new RandomHorizontalFlip())));
  }
}

package gradus.examples.command;

import gradus.tensor.Shape;
import gradus.train.TestTimeAugmentation;
import java.util.Map;
import picocli.CommandLine.Option;

/** The option that says from how many views of an image a test takes its prediction. */
final class ViewsChoice {
  @Option(
      names = "--tta",
      paramLabel = "VIEWS",
      defaultValue = "none",
      description =
          "Test-time augmentation, the mean over several views of each image: flip (2), crop (5),"
              + " flip-crop (10) or none. Default: ${DEFAULT-VALUE}")
  private Views views;

  Views views() {
    return views;
  }

  /** Null for the image alone. */
  TestTimeAugmentation of(Shape image) {
    return views.of(image);
  }

  /** What to say behind an accuracy. */
  String label(Shape image) {
    TestTimeAugmentation augmentation = of(image);
    return augmentation == null
        ? ""
        : " (with test-time augmentation: " + views + ", " + augmentation.views() + " views)";
  }

  void describe(Map<String, Object> configuration) {
    configuration.put("tta", views.toString());
  }
}

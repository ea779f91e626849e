package gradus.examples.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.train.LearningRateSweep;
import java.nio.file.Path;
import java.util.List;

/** A sweep of the learning rate as a page that opens offline. */
final class SweepPage {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SweepPage() {}

  /** Writes or replaces {@code file}. */
  static void write(LearningRateSweep sweep, Path file) {
    HtmlOption.write(file, "sweep", json(sweep));
  }

  private static ObjectNode json(LearningRateSweep sweep) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode points = root.putArray("points");
    List<LearningRateSweep.Point> measured = sweep.points();
    for (int i = 0; i < measured.size(); i++) {
      if (Double.isFinite(measured.get(i).loss())) {
        points
            .addObject()
            .put("rate", measured.get(i).learningRate())
            .put("loss", measured.get(i).loss())
            .put("smoothed", sweep.smoothedLoss(i));
      }
    }
    sweep
        .suggestion()
        .ifPresentOrElse(rate -> root.put("suggestion", rate), () -> root.putNull("suggestion"));
    return root.put("diverged", sweep.diverged());
  }
}

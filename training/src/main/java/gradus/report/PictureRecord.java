package gradus.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import java.nio.file.Path;
import java.util.List;

/**
 * Some training pictures before and after augmentation, as one JSON file that holds them, so that a
 * report can show them without the data set. docs/run-files.md has its schema.
 *
 * @param pictures those to show; {@value #PICTURES} with {@value #VIEWS} views each keep the file
 *     below 1 MB
 */
public record PictureRecord(List<AugmentedPicture> pictures) {
  /** As many pictures as a page has room for. */
  public static final int PICTURES = 6;

  /** As many views of each as a row of a telephone has room for. */
  public static final int VIEWS = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list. */
  public PictureRecord {
    pictures = List.copyOf(pictures);
  }

  /**
   * Writes the record; the file appears whole or not at all.
   *
   * @throws GradusException if it cannot be written
   */
  public void write(Path file) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode rows = root.putArray("pictures");
    for (AugmentedPicture picture : pictures) {
      ObjectNode row = rows.addObject();
      row.put("name", picture.name());
      row.put("label", picture.label());
      row.put("image", Thumbnail.dataUri(picture.original()));
      ArrayNode views = row.putArray("views");
      for (AugmentedPicture.View view : picture.views()) {
        views.addObject().put("label", view.label()).put("image", Thumbnail.dataUri(view.image()));
      }
    }
    WholeFile.write(file, root.toPrettyString());
  }
}

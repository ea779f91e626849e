package gradus.examples.command;

import gradus.GradusException;
import gradus.predict.Explanation;
import gradus.predict.ExplanationPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;

/** Where explanations are drawn to: a PNG for each picture, named after it and its class. */
final class ExplanationFolder {
  private final Path folder;
  private final Set<String> taken = new HashSet<>();

  /**
   * Makes the folder if need be.
   *
   * @throws GradusException if it cannot be made
   */
  ExplanationFolder(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Draws one; a number is added where two pictures have the same name. */
  void write(Path picture, Explanation explanation) {
    String stem = picture.getFileName() + "." + safe(explanation.label());
    String name = stem;
    for (int i = 2; !taken.add(name); i++) {
      name = stem + "-" + i;
    }
    try {
      if (!ImageIO.write(
          ExplanationPicture.draw(explanation), "png", folder.resolve(name + ".png").toFile())) {
        throw new IOException("this Java cannot write PNG");
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private static String safe(String label) {
    return label.replaceAll("[^\\p{L}\\p{N}._-]", "_");
  }

  private GradusException failure(IOException e) {
    return new GradusException(
        "Cannot write to --explain " + folder + " (" + e + "). Choose a folder you may write to.",
        e);
  }
}

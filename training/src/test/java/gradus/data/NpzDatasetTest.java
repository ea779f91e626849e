package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.npy.NpyArray;
import gradus.data.npy.Npz;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzDatasetTest {
  @TempDir Path folder;

  private Dataset open(NpyArray images, NpyArray labels) {
    Path file = folder.resolve("set.npz");
    Npz.write(file, Map.of("images", images, "labels", labels));
    return NpzDataset.open(file);
  }

  private void refused(NpyArray images, NpyArray labels, String part) {
    GradusException e = assertThrows(GradusException.class, () -> open(images, labels));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertTrue(e.getMessage().contains("set.npz"), e.getMessage());
  }

  private static byte[] counting(int n) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static NpyArray labels(int... labels) {
    return NpyArray.of(labels, labels.length);
  }

  @Test
  void everyArrangementIsTheSameImage() {
    byte[] pixels = counting(2 * 4 * 5 * 3);
    Image last = open(NpyArray.of(pixels, 2, 4, 5, 3), labels(1, 0)).get(1).image();
    assertEquals("3 x 4 x 5 bytes", last.toString());
    assertEquals(60 + (2 * 5 + 3) * 3 + 1, last.level(1, 2, 3));
    Image first = open(NpyArray.of(pixels, 2, 3, 4, 5), labels(1, 0)).get(1).image();
    assertEquals("3 x 4 x 5 bytes", first.toString());
    assertEquals(60 + (1 * 4 + 2) * 5 + 3, first.level(1, 2, 3));
    Image grey = open(NpyArray.of(pixels, 6, 4, 5), labels(0, 1, 2, 3, 4, 5)).get(5).image();
    assertEquals("1 x 4 x 5 bytes", grey.toString());
    assertEquals(100 + 2 * 5 + 3, grey.level(0, 2, 3));
  }

  @Test
  void floatsAreValues() {
    float[] values = {0, 0.25f, 1, 0.5f};
    Dataset set = open(NpyArray.of(values, 2, 2, 1, 1), NpyArray.of(new byte[] {2, 0}, 2, 1));
    assertEquals(0.5f, set.get(1).image().value(0, 1, 0));
    assertEquals(3, set.classNames().size());
    assertArrayEquals(new int[] {1, 0, 1}, set.classCounts());
    assertEquals(64, set.contentHash().length());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    NpyArray images = NpyArray.of(counting(12), 3, 2, 2);
    refused(images, labels(0, 1), "3 images");
    refused(images, labels(0, -1, 1), "label 1");
    refused(images, labels(0, 1, Integer.MAX_VALUE), "label 2");
    refused(images, NpyArray.of(new float[] {0, 1, 1}, 3), "whole numbers");
    refused(images, NpyArray.of(new int[6], 3, 2), "[N,1]");
    refused(NpyArray.of(counting(12), 3, 4), labels(0, 1, 0), "[N,H,W]");
    refused(NpyArray.of(counting(24), 3, 2, 2, 2), labels(0, 1, 0), "channels");
    refused(NpyArray.of(new int[12], 3, 2, 2), labels(0, 1, 0), "u1, f4 or f8");
    refused(NpyArray.of(new float[] {0, 255}, 2, 1, 1), labels(0, 1), "divided by 255");
    refused(NpyArray.of(new float[] {0, Float.NaN}, 2, 1, 1), labels(0, 1), "image 1");
  }

  private static NpyArray images(int n) {
    return NpyArray.of(counting(n * 4), n, 2, 2);
  }

  private static NpyArray alternating(int n) {
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
    }
    return labels(labels);
  }

  @Test
  void partsAreFoundByTheirNames() {
    Path file = folder.resolve("parts.npz");
    Npz.write(
        file,
        Map.of(
            "x_train",
            images(40),
            "y_train",
            alternating(40),
            "x_test",
            images(6),
            "y_test",
            alternating(6)));
    DataSplits keras = DataSplits.ofNpz(file, 1);
    assertEquals(36, keras.train().size());
    assertEquals(4, keras.validation().size());
    assertEquals(6, keras.test().size());
    Npz.write(
        file,
        Map.of(
            "train_images",
            images(8),
            "train_labels",
            alternating(8),
            "val_images",
            images(5),
            "val_labels",
            alternating(5),
            "test_images",
            images(1),
            "test_labels",
            alternating(1)));
    DataSplits medical = DataSplits.ofNpz(file, 1);
    assertEquals(8, medical.train().size());
    assertEquals(5, medical.validation().size());
    assertEquals(2, medical.test().classNames().size());
    Npz.write(file, Map.of("pictures", images(8)));
    GradusException e = assertThrows(GradusException.class, () -> DataSplits.ofNpz(file, 1));
    assertTrue(e.getMessage().contains("pictures"), e.getMessage());
  }

  @Test
  void imagesAndLabelsAloneAreCut() {
    Path file = folder.resolve("alone.npz");
    Npz.write(file, Map.of("images", images(40), "labels", alternating(40)));
    DataSplits parts = DataSplits.ofNpz(file, 1);
    assertEquals(40, parts.train().size() + parts.validation().size() + parts.test().size());
    assertEquals(4, parts.test().size());
  }
}

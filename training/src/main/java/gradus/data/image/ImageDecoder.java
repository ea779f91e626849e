package gradus.data.image;

import gradus.GradusException;
import gradus.data.image.UnreadableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Decodes a picture file into an 8-bit {@link Image}: JPEG (also CMYK), PNG (palette, grey, 16
 * bits), GIF (its first picture), BMP and WebP.
 *
 * <p>Transparency is laid on white, 16 bits are rounded to 8, and a photo taken with a turned
 * camera (EXIF orientation) is turned upright. ICC colour profiles of RGB and grey pictures are
 * ignored, as PIL does. A file that ends early is an error, not a half-grey picture.
 */
public final class ImageDecoder {
  /**
   * The most pixels a picture may have, 100 million: its file says so before anything is allocated.
   */
  public static final long MAX_PIXELS = 100_000_000L;

  /** The largest file read, 512 MiB. */
  private static final long MAX_FILE_BYTES = 512L << 20;

  private static final String STANDARD_METADATA = "javax_imageio_1.0";

  private final ColorMode colors;
  private final long maxPixels;

  /** A decoder into the given colours. */
  public ImageDecoder(ColorMode colors) {
    this(colors, MAX_PIXELS);
  }

  /**
   * A decoder that refuses pictures of more than {@code maxPixels} before decoding them: for
   * pictures from strangers. From 1 to {@link #MAX_PIXELS}.
   */
  public ImageDecoder(ColorMode colors, long maxPixels) {
    if (maxPixels < 1 || maxPixels > MAX_PIXELS) {
      throw new GradusException(
          "ImageDecoder: the most pixels of a picture are "
              + maxPixels
              + ", but must be from 1 to "
              + MAX_PIXELS
              + ".");
    }
    this.colors = colors;
    this.maxPixels = maxPixels;
  }

  /** How many channels the decoded images have. */
  public ColorMode colors() {
    return colors;
  }

  /**
   * Decodes a file.
   *
   * @throws UnreadableImageException naming the file if it is no picture, is damaged, or is too
   *     large
   * @throws GradusException if it cannot be read
   */
  public Image decode(Path file) {
    byte[] content;
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw failure(
            new Source(file),
            Reason.TOO_LARGE,
            "it has " + bytes + " bytes; at most " + MAX_FILE_BYTES + " are read");
      }
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new GradusException(
          "Cannot read an image: there is no file " + file + ". Check the path.", e);
    } catch (IOException e) {
      throw new GradusException("Cannot read the image " + file + ": " + e, e);
    }
    return decode(content, file);
  }

  /** Decodes the content of a file; {@code file} only names it in errors. */
  public Image decode(byte[] content, Path file) {
    return decode(content, new Source(file));
  }

  /**
   * Decodes a picture that did not come from a file.
   *
   * @throws UnreadableImageException if it is no picture, is damaged, or is too large
   */
  public Image decode(byte[] content) {
    return decode(content, new Source(null));
  }

  /** A picture that is decoded already, in this decoder's colours. */
  public Image convert(BufferedImage picture) {
    return PixelReader.read(picture, colors);
  }

  private Image decode(byte[] content, Source source) {
    if (content.length == 0) {
      throw failure(source, Reason.NOT_AN_IMAGE, "the file is empty");
    }
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw failure(source, Reason.NOT_AN_IMAGE, "it is no JPEG, PNG, GIF, BMP or WebP");
      }
      ImageReader reader = readers.next();
      try {
        return read(reader, stream, content, source);
      } finally {
        reader.dispose();
      }
    } catch (GradusException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Decoders answer damaged files with all kinds of runtime exceptions.
      String problem = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new UnreadableImageException(
          Reason.DAMAGED, source.message("it is damaged (" + problem + ")"), e);
    }
  }

  private Image read(ImageReader reader, ImageInputStream stream, byte[] content, Source source)
      throws IOException {
    boolean turned = mayBeTurned(content);
    reader.setInput(stream, true, !turned);
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1) {
      throw failure(source, Reason.DAMAGED, "its size is " + width + " x " + height);
    }
    if ((long) width * height > maxPixels) {
      throw failure(
          source,
          Reason.TOO_LARGE,
          "its header claims "
              + width
              + " x "
              + height
              + " pixels; at most "
              + maxPixels
              + " are decoded");
    }
    if (isJpeg(content) && !hasScan(content)) {
      throw failure(source, Reason.DAMAGED, "it is truncated (it ends before its first pixel)");
    }
    if (endsEarly(content)) {
      throw failure(source, Reason.DAMAGED, "it is truncated (its end is missing)");
    }
    String[] truncation = new String[1];
    reader.addIIOReadWarningListener(
        (from, warning) -> {
          if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
            truncation[0] = warning;
          }
        });
    ImageReadParam parameters = reader.getDefaultReadParam();
    BufferedImage decoded = reader.read(0, parameters);
    if (truncation[0] != null) {
      throw failure(source, Reason.DAMAGED, "it is truncated (" + truncation[0] + ")");
    }
    Image image = PixelReader.read(decoded, colors);
    return turned ? Orientation.upright(image, orientation(reader)) : image;
  }

  private static boolean isJpeg(byte[] content) {
    return content.length >= 2 && (content[0] & 0xff) == 0xff && (content[1] & 0xff) == 0xd8;
  }

  /**
   * Whether a file lacks its end as it says itself: readers make something up for what is missing.
   */
  private static boolean endsEarly(byte[] content) {
    if (isJpeg(content)) {
      return !hasEnd(content);
    }
    if (content.length >= 12 && startsWith(content, 0, "RIFF") && startsWith(content, 8, "WEBP")) {
      long length = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xffffffffL;
      return content.length < 8 + length;
    }
    return false;
  }

  private static boolean startsWith(byte[] content, int at, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length);
  }

  /** Whether a JPEG's marker of the end comes after that of its last scan. */
  private static boolean hasEnd(byte[] jpeg) {
    for (int i = jpeg.length - 2; i >= 0; i--) {
      if ((jpeg[i] & 0xff) == 0xff) {
        switch (jpeg[i + 1] & 0xff) {
          case 0xd9 -> {
            return true;
          }
          case 0xda -> {
            return false;
          }
          default -> {} // within a scan, 0xff is followed by 0
        }
      }
    }
    return false;
  }

  /** Whether anything follows a JPEG's headers: the reader makes a grey picture of nothing. */
  private static boolean hasScan(byte[] jpeg) {
    int at = 2;
    while (at + 4 <= jpeg.length) {
      if ((jpeg[at] & 0xff) != 0xff) {
        return true; // odd, and the reader's to judge
      }
      int marker = jpeg[at + 1] & 0xff;
      if (marker == 0xff) { // a marker may be preceded by any number of these
        at++;
        continue;
      }
      int length = (jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff);
      at += 2 + length;
      if (marker == 0xda) {
        return at < jpeg.length;
      }
    }
    return false;
  }

  /**
   * Whether a JPEG carries EXIF data: reading metadata costs more than a small picture's pixels.
   */
  private static boolean mayBeTurned(byte[] content) {
    if (!isJpeg(content)) {
      return false;
    }
    byte[] mark = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    int end = Math.min(content.length, 1 << 16) - mark.length;
    for (int i = 0; i < end; i++) {
      int k = 0;
      while (k < mark.length && content[i + k] == mark[k]) {
        k++;
      }
      if (k == mark.length) {
        return true;
      }
    }
    return false;
  }

  private static Orientation orientation(ImageReader reader) throws IOException {
    IIOMetadata metadata = reader.getImageMetadata(0);
    if (metadata == null || !metadata.isStandardMetadataFormatSupported()) {
      return Orientation.NORMAL;
    }
    Element root = (Element) metadata.getAsTree(STANDARD_METADATA);
    NodeList found = root.getElementsByTagName("ImageOrientation");
    return found.getLength() == 0
        ? Orientation.NORMAL
        : Orientation.named(((Element) found.item(0)).getAttribute("value"));
  }

  private static UnreadableImageException failure(Source source, Reason reason, String problem) {
    return new UnreadableImageException(reason, source.message(problem), null);
  }

  /** Where a picture came from, for errors: a file, or null. */
  private record Source(Path file) {
    String message(String problem) {
      return file == null
          ? "Cannot decode the image: " + problem + ". Give the whole content of a picture file."
          : "Cannot decode the image "
              + file
              + ": "
              + problem
              + ". Replace or remove the file; --skip-damaged leaves such files of a folder out.";
    }
  }
}

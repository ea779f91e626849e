package gradus.data.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Writes a JPEG of four channels, marked as Adobe's CMYK. */
final class CmykJpeg {
  private CmykJpeg() {}

  static byte[] write(Raster fourBands) throws IOException {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    ImageWriter writer = writers.next();
    while (!writer.getClass().getName().startsWith("com.sun.")) {
      writer = writers.next();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(new IIOImage(fourBands, null, null));
    } finally {
      writer.dispose();
    }
    return withAdobeMarker(bytes.toByteArray());
  }

  /** An APP14 segment with transform 0: the four channels are inks. */
  private static byte[] withAdobeMarker(byte[] jpeg) {
    byte[] marker = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };
    byte[] result = new byte[jpeg.length + marker.length];
    System.arraycopy(jpeg, 0, result, 0, 2);
    System.arraycopy(marker, 0, result, 2, marker.length);
    System.arraycopy(jpeg, 2, result, 2 + marker.length, jpeg.length - 2);
    return result;
  }
}

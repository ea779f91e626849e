package gradus.data;

import gradus.data.image.Image;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 in the making, over parts whose borders count. */
final class ContentHash {
  private final MessageDigest digest;

  ContentHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  /** Of all images and labels in order. */
  static String of(Dataset dataset) {
    ContentHash hash = new ContentHash();
    for (int i = 0; i < dataset.size(); i++) {
      hash.add(dataset.get(i).image()).add(dataset.label(i));
    }
    return hash.hex();
  }

  ContentHash add(byte[] part) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(part.length).flip());
    digest.update(part);
    return this;
  }

  ContentHash add(String part) {
    return add(part.getBytes(StandardCharsets.UTF_8));
  }

  /** Size and pixels; an image of bytes has another hash than one of floats. */
  ContentHash add(Image image) {
    add(image.channels(), image.height(), image.width());
    if (image.isBytes()) {
      byte[] levels = new byte[image.size()];
      image.writeLevels(levels, 0);
      return add(levels);
    }
    ByteBuffer bytes = ByteBuffer.allocate(image.size() * Float.BYTES);
    for (int i = 0; i < image.size(); i++) {
      bytes.putFloat(image.valueAt(i));
    }
    return add(bytes.array());
  }

  ContentHash add(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES);
    bytes.asIntBuffer().put(numbers);
    return add(bytes.array());
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}

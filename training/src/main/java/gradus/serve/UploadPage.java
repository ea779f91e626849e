package gradus.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The page with an upload field. It loads nothing, and its policy lets it run and load nothing but
 * its own script and style, which are named by their hashes.
 */
record UploadPage(String html, String contentSecurityPolicy) {
  static UploadPage load() {
    try (InputStream stream = UploadPage.class.getResourceAsStream("upload.html")) {
      String html = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      String policy =
          "default-src 'none'; connect-src 'self'; img-src blob:; base-uri 'none';"
              + " form-action 'none'; frame-ancestors 'none'; script-src '"
              + hash(html, "script")
              + "'; style-src '"
              + hash(html, "style")
              + "'";
      return new UploadPage(html, policy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String html, String element) {
    int begin = html.indexOf("<" + element + ">") + element.length() + 2;
    String content = html.substring(begin, html.indexOf("</" + element + ">"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}

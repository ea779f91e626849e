package gradus.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.eclipse.jetty.util.Attributes;

/** The picture in a request: the body itself, or the file of an HTML form. */
final class UploadedImage {
  private static final String FORM = "multipart/form-data";
  private static final int MOST_PARTS = 16;
  private static final int MOST_HEADER_BYTES = 4096;

  private UploadedImage() {}

  /**
   * The bytes of its file.
   *
   * @param contentType of the request, or null
   * @throws Refusal if a form has none, or is no proper form
   */
  static byte[] in(byte[] body, String contentType) {
    if (contentType == null
        || !FORM.equalsIgnoreCase(HttpField.getValueParameters(contentType, null).strip())) {
      return body;
    }
    MultiPartConfig inMemory =
        new MultiPartConfig.Builder()
            .maxParts(MOST_PARTS)
            .maxHeadersSize(MOST_HEADER_BYTES)
            .maxSize(body.length)
            .maxPartSize(body.length)
            .maxMemoryPartSize(body.length)
            .useFilesForPartsWithoutFileName(false)
            .build();
    try (MultiPartFormData.Parts parts =
        MultiPartFormData.getParts(
            new ByteBufferContentSource(ByteBuffer.wrap(body)),
            new Attributes.Mapped(),
            contentType,
            inMemory)) {
      ByteBuffer content = Content.Source.asByteBuffer(file(parts).getContentSource());
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      return bytes;
    } catch (Refusal e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw noForm("it is not as RFC 7578 says");
    }
  }

  private static MultiPart.Part file(MultiPartFormData.Parts parts) {
    for (MultiPart.Part part : parts) {
      if (part.getFileName() != null) {
        return part;
      }
    }
    throw noForm("it has no file among its " + parts.size() + " parts");
  }

  private static Refusal noForm(String why) {
    return new Refusal(
        400,
        "The form cannot be read: " + why + ".",
        "Send the picture itself as the body, or a form with one file: curl -F image=@FILE.");
  }
}

package gradus.backend.cpu;

import gradus.GradusException;
import gradus.kernels.Kernels;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * The matrix products of the plain layout. OpenBLAS runs single-threaded in the whole process: the
 * kernels' own threads call it side by side.
 */
final class OpenBlas {
  private static final String LIBRARY = "libopenblas.so.0";

  private OpenBlas() {}

  /** The version of the preset on the class path; asking loads no library. */
  static String version() {
    String version =
        org.bytedeco
            .openblas
            .presets
            .openblas_nolapack
            .class
            .getPackage()
            .getImplementationVersion();
    return version == null ? "of unknown version" : version;
  }

  /** Loads OpenBLAS and gives its {@code cblas_sgemm} to a context. */
  static void handTo(long context) {
    try {
      openblas_nolapack.blas_set_num_threads(1);
    } catch (LinkageError broken) {
      throw new GradusException(
          "OpenBLAS cannot be loaded (%s). Small batches need it: put org.bytedeco:openblas with the classifier of this platform on the class path, or store every batch in lanes with -D%s=lanes."
              .formatted(broken.getMessage(), LayoutChoice.PROPERTY),
          broken);
    }
    if (Kernels.useBlas(context, LIBRARY) == 0) {
      throw new GradusException(
          "%s was not loaded, although org.bytedeco:openblas was found: remove -Dorg.bytedeco.openblas.load, or store every batch in lanes with -D%s=lanes."
              .formatted(LIBRARY, LayoutChoice.PROPERTY));
    }
  }
}

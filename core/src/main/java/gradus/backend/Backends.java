package gradus.backend;

import gradus.GradusException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * Chooses a backend at run time among the providers on the class path.
 *
 * <p>{@code -Dgradus.backend=NAME} or the environment variable {@code GRADUS_BACKEND} force one, as
 * {@link #named} does. A name may carry a device: {@code cuda:1}. Nothing is chosen in a static
 * initialiser and nothing is stored: two backends may be open at once.
 */
public final class Backends {
  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private Backends() {}

  /** All providers, best first. */
  public static List<BackendProvider> providers() {
    List<BackendProvider> found = new ArrayList<>();
    try {
      ServiceLoader.load(BackendProvider.class).forEach(found::add);
    } catch (ServiceConfigurationError broken) {
      throw new GradusException(
          "A backend on the class path cannot be loaded: " + broken.getMessage(), broken);
    }
    found.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    return found;
  }

  /** The best backend that can run here, or the one forced by property or environment. */
  public static Backend best() {
    return best(BackendOptions.DEFAULT);
  }

  /**
   * The best backend that can run here, or the one forced by property or environment; logs each
   * better one that was skipped in one line, and at level DEBUG why. {@link
   * BackendProvider#unavailableReason} says it too.
   */
  public static Backend best(BackendOptions options) {
    String forced = forced();
    if (forced != null) {
      return named(forced, options);
    }
    for (BackendProvider provider : providers()) {
      Optional<String> reason = provider.unavailableReason();
      if (reason.isEmpty()) {
        return provider.open(options);
      }
      LOG.log(Level.INFO, "Backend {0} cannot run here: skipped", provider.name());
      LOG.log(Level.DEBUG, "Backend {0}: {1}", provider.name(), reason.get());
    }
    throw new GradusException(
        "No backend can run here. Providers on the class path: " + names() + ".");
  }

  /** The backend of that name ({@code cpu}, {@code cuda:1}, {@code reference}). */
  public static Backend named(String name) {
    return named(name, BackendOptions.DEFAULT);
  }

  /**
   * The backend of that name ({@code cpu}, {@code cuda:1}, {@code reference}).
   *
   * @throws GradusException if there is none of that name, or it cannot run here: with the reason
   *     and the remedy
   */
  public static Backend named(String name, BackendOptions options) {
    int colon = name.indexOf(':');
    String plain = colon < 0 ? name : name.substring(0, colon);
    BackendOptions chosen = colon < 0 ? options : options.withDevice(device(name, colon));
    for (BackendProvider provider : providers()) {
      if (provider.name().equals(plain)) {
        Optional<String> reason = provider.unavailableReason();
        if (reason.isPresent()) {
          throw new GradusException("Backend " + plain + " cannot run here: " + reason.get());
        }
        return provider.open(chosen);
      }
    }
    throw new GradusException(
        "There is no backend named \""
            + plain
            + "\". Found on the class path: "
            + names()
            + (isGpu(plain)
                ? ". For a GPU of NVIDIA name \"cuda\", of the module gradus-backend-cuda."
                : ". Add the module gradus-backend-" + plain + ", or choose one of these."));
  }

  /** Whether somebody means "cuda" by it. */
  private static boolean isGpu(String name) {
    return !name.equals("cuda")
        && name.toLowerCase(Locale.ROOT).matches("gpu.*|nvidia.*|cuda.*|cudnn");
  }

  private static int device(String name, int colon) {
    try {
      return Integer.parseInt(name.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new GradusException(
          "\"" + name + "\" does not name a device: write a number after the colon, as in cuda:1.",
          e);
    }
  }

  private static String forced() {
    String property = System.getProperty("gradus.backend");
    return property != null ? property : System.getenv("GRADUS_BACKEND");
  }

  private static String names() {
    return providers().stream().map(BackendProvider::name).collect(Collectors.joining(", "));
  }
}

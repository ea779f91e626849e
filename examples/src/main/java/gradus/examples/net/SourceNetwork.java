package gradus.examples.net;

import gradus.GradusException;
import gradus.files.AtomicFile;
import gradus.files.Sha256;
import gradus.layer.Layer;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A network of one's own, in a Java file whose class has a method {@code static Layer create(int
 * classes)}. Such a file is compiled and run as any program is: only where a person names it, never
 * because a run's files do.
 */
public final class SourceNetwork implements Network {
  private static final String ENDING = ".java";

  private final Path file;
  private final byte[] source; // as it was compiled
  private final Method create;

  private SourceNetwork(Path file, byte[] source, Method create) {
    this.file = file;
    this.source = source;
    this.create = create;
  }

  /** Whether a name is that of such a file. */
  public static boolean isNameOf(String name) {
    return name.endsWith(ENDING);
  }

  /**
   * Compiles a file.
   *
   * @throws GradusException with the compiler's words if that fails, or if there is no such method
   */
  public static SourceNetwork compile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new GradusException("There is no file " + file + ".");
    }
    byte[] source;
    try {
      source = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + " (" + e + ").", e);
    }
    String name = className(file);
    Class<?> found = CompiledClasses.of(file, source).named(name);
    try {
      Method create = found.getDeclaredMethod("create", int.class);
      if (Modifier.isStatic(create.getModifiers())
          && Layer.class.isAssignableFrom(create.getReturnType())) {
        create.setAccessible(true);
        return new SourceNetwork(file, source, create);
      }
    } catch (NoSuchMethodException none) {
      throw new GradusException(needed(file, name), none);
    }
    throw new GradusException(needed(file, name));
  }

  private static String className(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ENDING.length());
  }

  private static String needed(Path file, String name) {
    return file
        + ": "
        + name
        + " has no method static Layer create(int classes), which returns a new network.";
  }

  @Override
  public Layer create(int classes) {
    try {
      return (Layer) create.invoke(null, classes);
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof GradusException known) {
        throw known;
      }
      throw new GradusException(
          file + ": create(" + classes + ") has failed: " + thrown.getCause(), thrown.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("It was made accessible.", e);
    }
  }

  /** The name of its class. */
  @Override
  public String label() {
    return className(file);
  }

  /**
   * Writes the file into a folder, which is made if need be.
   *
   * @throws GradusException if that fails
   */
  public void copyTo(Path folder) {
    try {
      Files.createDirectories(folder);
      AtomicFile.write(folder.resolve(toString()), source);
    } catch (IOException e) {
      throw new GradusException("Cannot keep " + file + " in " + folder + " (" + e + ").", e);
    }
  }

  /** What the file holds. */
  public String sha256() {
    return Sha256.of(source);
  }

  /** The name of the file, wherever it lies. */
  @Override
  public String toString() {
    return file.getFileName().toString();
  }
}
